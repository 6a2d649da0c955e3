namespace BookSaga.Customer.Profiles;

/// <summary>Sends a verification code to a phone.</summary>
internal interface IPhoneCodeSender
{
    /// <summary>Sends <paramref name="code"/> to <paramref name="phone"/>.</summary>
    /// <exception cref="SmsException">It was not sent, or nobody knows.</exception>
    Task SendAsync(string phone, string code, CancellationToken ct);
}

/// <summary>The sender of a system without an SMS provider, such as a developer's: the code is in the service's log. Whoever runs the platform for others sets <c>Sms:Provider</c>.</summary>
internal sealed partial class LogPhoneCodeSender(ILogger<LogPhoneCodeSender> logger) : IPhoneCodeSender
{
    public Task SendAsync(string phone, string code, CancellationToken ct)
    {
        LogCode(phone, code);
        return Task.CompletedTask;
    }

    [LoggerMessage(1, LogLevel.Information, "No SMS provider is configured. Verification code for {Phone}: {Code}")]
    private partial void LogCode(string phone, string code);
}
