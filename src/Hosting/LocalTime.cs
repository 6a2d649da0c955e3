namespace BookSaga.Hosting;

/// <summary>Local times of IANA zones as instants.</summary>
public static class LocalTime
{
    /// <summary>The zone with this IANA id; false for anything else, an id of Windows among it.</summary>
    public static bool TryFindZone(string? id, out TimeZoneInfo zone)
    {
        zone = TimeZoneInfo.Utc;
        if (string.IsNullOrEmpty(id) || !TimeZoneInfo.TryFindSystemTimeZoneById(id, out TimeZoneInfo? found) || !found.HasIanaId)
        {
            return false;
        }
        zone = found;
        return true;
    }

    /// <summary>The instant of <paramref name="local"/> with its offset: the first of two where clocks go back, null where they skip it.</summary>
    public static DateTimeOffset? InstantOf(DateTime local, TimeZoneInfo zone)
    {
        ArgumentNullException.ThrowIfNull(zone);
        if (zone.IsInvalidTime(local))
        {
            return null;
        }
        TimeSpan offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset);
    }

    /// <summary>The first instant of a day: not always midnight, which some zones skip.</summary>
    public static DateTimeOffset StartOf(DateOnly day, TimeZoneInfo zone)
    {
        DateTime local = day.ToDateTime(TimeOnly.MinValue);
        DateTimeOffset? instant;
        while ((instant = InstantOf(local, zone)) is null)
        {
            local = local.AddMinutes(1);
        }
        return instant.Value;
    }
}
