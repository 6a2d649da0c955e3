namespace BookSaga.Web.Words;

/// <summary>Time zones to choose from.</summary>
internal static class Zones
{
    // Links of old, and places that are no places.
    private static readonly string[] s_notOffered = ["Etc/", "US/", "SystemV/", "Brazil/", "Canada/", "Chile/", "Mexico/", "posix/", "right/"];

    private static readonly string[] s_ids =
    [
        .. TimeZoneInfo.GetSystemTimeZones().Where(zone => zone.HasIanaId && zone.Id.Contains('/', StringComparison.Ordinal))
            .Select(zone => zone.Id).Where(id => !s_notOffered.Any(start => id.StartsWith(start, StringComparison.Ordinal))).Append("UTC").Order(StringComparer.Ordinal),
    ];

    /// <summary>All of them, the visitor's among them.</summary>
    internal static IEnumerable<(string Value, string Text)> Of(Visitor visitor) =>
        s_ids.Contains(visitor.Zone.Id) ? s_ids.Select(Option) : s_ids.Prepend(visitor.Zone.Id).Select(Option);

    private static (string, string) Option(string id) => (id, id.Replace('_', ' '));
}
