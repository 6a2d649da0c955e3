namespace BookSaga.Customer.Profiles;

/// <summary>Why a code was not sent.</summary>
internal enum SmsFailure
{
    /// <summary>The number is none that can get a message.</summary>
    InvalidPhone,

    /// <summary>The provider does not want to, and will not later: credentials, sender, permissions.</summary>
    Refused,

    /// <summary>The provider is away, slow or busy; later it may do.</summary>
    Unavailable,
}

/// <summary>A code was not sent, or nobody knows. The message never holds the code or the number.</summary>
internal sealed class SmsException(SmsFailure failure, string reason, Exception? cause = null) : Exception(reason, cause)
{
    /// <summary>What may be done about it.</summary>
    internal SmsFailure Failure => failure;
}
