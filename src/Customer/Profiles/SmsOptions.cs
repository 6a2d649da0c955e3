using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace BookSaga.Customer.Profiles;

/// <summary>Who sends verification codes.</summary>
internal enum SmsProvider
{
    /// <summary>Nobody: they are in the service's log. For development; a log is no place for codes that count.</summary>
    Log,

    /// <summary>Nobody: they are files, one a message.</summary>
    File,

    /// <summary>Twilio's Messages API, or another provider that speaks it.</summary>
    Twilio,
}

/// <summary>Settings <c>Sms:*</c>.</summary>
internal sealed class SmsOptions
{
    /// <summary>The placeholder in <see cref="Text"/>.</summary>
    internal const string Code = "{code}";

    /// <summary>Who sends.</summary>
    public SmsProvider Provider { get; set; }

    /// <summary>The message, with <c>{code}</c> where the code stands.</summary>
    public string Text { get; set; } = "BookSaga: " + Code;

    /// <summary>The folder for <see cref="SmsProvider.File"/>, made when it is missing.</summary>
    public string Directory { get; set; } = "";

    /// <summary>How long the provider may take, 1 s to 14 s: the gateway waits for 15 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>For <see cref="SmsProvider.Twilio"/>.</summary>
    public TwilioOptions Twilio { get; set; } = new();
}

/// <summary>Settings <c>Sms:Twilio:*</c>.</summary>
internal sealed class TwilioOptions
{
    /// <summary>Where the API is.</summary>
    public string Address { get; set; } = "https://api.twilio.com";

    /// <summary>The account: <c>AC</c> and 32 hexadecimal digits.</summary>
    public string AccountSid { get; set; } = "";

    /// <summary>The account's secret.</summary>
    public string AuthToken { get; set; } = "";

    /// <summary>The sender: a number in E.164 form or an alphanumeric sender id. Either this or <see cref="MessagingServiceSid"/>.</summary>
    public string From { get; set; } = "";

    /// <summary>The sender pool: <c>MG</c> and 32 hexadecimal digits.</summary>
    public string MessagingServiceSid { get; set; } = "";
}

/// <summary>Names every wrong setting at once; secrets are not shown.</summary>
internal sealed partial class SmsOptionsCheck : IValidateOptions<SmsOptions>
{
    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, SmsOptions options)
    {
        string[] errors = [.. Errors(options)];
        return errors.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static IEnumerable<string> Errors(SmsOptions options)
    {
        if (!options.Text.Contains(SmsOptions.Code, StringComparison.Ordinal))
        {
            yield return $"Sms:Text '{options.Text}' has no {SmsOptions.Code}.";
        }
        if (options.Timeout < TimeSpan.FromSeconds(1) || options.Timeout > TimeSpan.FromSeconds(14))
        {
            yield return $"Sms:Timeout {options.Timeout} is not between 00:00:01 and 00:00:14.";
        }
        if (options.Provider == SmsProvider.File && options.Directory.Length == 0)
        {
            yield return "Sms:Directory is empty: Sms:Provider=File needs a folder.";
        }
        foreach (string error in options.Provider == SmsProvider.Twilio ? Errors(options.Twilio) : [])
        {
            yield return error;
        }
    }

    private static IEnumerable<string> Errors(TwilioOptions options)
    {
        if (!Uri.TryCreate(options.Address, UriKind.Absolute, out Uri? address) || address.Scheme is not ("https" or "http"))
        {
            yield return $"Sms:Twilio:Address '{options.Address}' is not an address such as https://api.twilio.com.";
        }
        if (!AccountSid().IsMatch(options.AccountSid))
        {
            yield return $"Sms:Twilio:AccountSid '{options.AccountSid}' is not AC and 32 hexadecimal digits.";
        }
        if (options.AuthToken.Length == 0)
        {
            yield return "Sms:Twilio:AuthToken is missing.";
        }
        if ((options.From.Length == 0) == (options.MessagingServiceSid.Length == 0))
        {
            yield return "Sms:Twilio:From and Sms:Twilio:MessagingServiceSid: one of them is needed, and only one.";
        }
    }

    [GeneratedRegex("^AC[0-9a-fA-F]{32}\\z")]
    private static partial Regex AccountSid();
}
