using System.Globalization;

namespace BookSaga.Web.Pages.Client;

/// <summary>Who the visitor is, as the platform knows them.</summary>
public sealed record Profile(
    string FirstName, string LastName, string Email, string? Phone, double[]? Location, string? Locale, string? TimeZone, Reminders Reminders, DateTimeOffset Created)
{
    /// <summary>The place as people write it: latitude, longitude.</summary>
    internal string Place => Location is [double lat, double lng] ? string.Create(CultureInfo.InvariantCulture, $"{lat},{lng}") : "";

    /// <summary>Reads such a text: empty for no place, null when it is none on Earth.</summary>
    internal static double[]? ReadPlace(string text)
    {
        string[] parts = text.Split([',', ';', ' '], StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == 0 ? []
            : parts.Length == 2
                && double.TryParse(parts[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double lat) && Math.Abs(lat) <= 90
                && double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double lng) && Math.Abs(lng) <= 180 ? [lat, lng]
            : null;
    }
}

/// <summary>Which reminders they want.</summary>
public sealed record Reminders(bool DayBefore, bool HourBefore);
