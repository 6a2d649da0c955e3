namespace BookSaga.Load.Outage;

/// <summary>How a mail server behaves.</summary>
internal enum Mood
{
    /// <summary>It takes every mail.</summary>
    Serving,

    /// <summary>Nobody listens.</summary>
    Down,

    /// <summary>Each answer, the greeting too, comes after <see cref="SmtpSink.Slowness"/>.</summary>
    Slow,

    /// <summary>At the end of a mail it says 451, try again later.</summary>
    Rejecting,

    /// <summary>It closes the connection in the middle of a mail.</summary>
    Closing,
}
