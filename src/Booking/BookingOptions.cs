using System.ComponentModel.DataAnnotations;

namespace BookSaga.Booking;

/// <summary>Settings <c>Offers:*</c>.</summary>
internal sealed class BookingOptions
{
    /// <summary>Whether offers in the past may be posted and booked; for imports and tests.</summary>
    public bool AllowPast { get; set; }

    /// <summary>How long after its appointment's time a paid offer is completed; until then it can be cancelled.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan CompleteAfter { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How often each replica looks for offers to complete.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "1.00:00:00")]
    public TimeSpan CompleteInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Searches that each replica asks the database for at once; twice the processors that the database has for it.</summary>
    [Range(1, 1000)]
    public int SearchesAtOnce { get; set; } = 4;
}
