using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;

namespace BookSaga.Customer.Profiles;

/// <summary>
/// Twilio's Messages API: <c>POST /2010-04-01/Accounts/{AccountSid}/Messages.json</c>, a form with basic authentication; 201 when the message is queued, else
/// <c>{code, message, more_info, status}</c>. Nothing that it logs has the code, the number, or the provider's words, which quote the number.
/// </summary>
internal sealed partial class TwilioPhoneCodeSender(IHttpClientFactory http, IOptions<SmsOptions> options, ILogger<TwilioPhoneCodeSender> logger) : IPhoneCodeSender
{
    /// <summary>The name of its HTTP client.</summary>
    internal const string Client = "twilio";

    // twilio.com/docs/api/errors: an invalid number, one that cannot be reached by this sender, one that has opted out, one that takes no messages.
    private static readonly int[] NumberErrors = [21211, 21217, 21610, 21612, 21614];

    public async Task SendAsync(string phone, string code, CancellationToken ct)
    {
        SmsOptions sms = options.Value;
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{sms.Twilio.Address.TrimEnd('/')}/2010-04-01/Accounts/{sms.Twilio.AccountSid}/Messages.json"));
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{sms.Twilio.AccountSid}:{sms.Twilio.AuthToken}")));
        request.Content = new FormUrlEncodedContent(
        [
            new("To", E164(phone)),
            sms.Twilio.From.Length > 0 ? new("From", sms.Twilio.From) : new("MessagingServiceSid", sms.Twilio.MessagingServiceSid),
            new("Body", sms.Text.Replace(SmsOptions.Code, code, StringComparison.Ordinal)),
        ]);
        (HttpStatusCode status, Reply reply) = await CallAsync(request, ct);
        if (status == HttpStatusCode.Created && reply.Status is not ("failed" or "undelivered"))
        {
            return;
        }
        SmsFailure failure = Failure(status, reply.Code ?? reply.ErrorCode);
        LogFailed((int)status, reply.Code ?? reply.ErrorCode, failure);
        throw new SmsException(failure, $"Twilio answered {(int)status}");
    }

    private async Task<(HttpStatusCode Status, Reply Reply)> CallAsync(HttpRequestMessage request, CancellationToken ct)
    {
        try
        {
            using HttpClient client = http.CreateClient(Client);
            using HttpResponseMessage response = await client.SendAsync(request, ct);
            string body = await response.Content.ReadAsStringAsync(ct);
            try
            {
                return (response.StatusCode, JsonSerializer.Deserialize<Reply>(body) ?? new Reply());
            }
            catch (JsonException)
            {
                // A proxy's page, say; the status tells enough.
                return (response.StatusCode, new Reply());
            }
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !ct.IsCancellationRequested)
        {
            LogUnreachable(e.GetType().Name);
            throw new SmsException(SmsFailure.Unavailable, "Twilio does not answer", e);
        }
    }

    private static SmsFailure Failure(HttpStatusCode status, int? code) =>
        code is { } known && NumberErrors.Contains(known) ? SmsFailure.InvalidPhone
        : status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || (int)status >= 500 ? SmsFailure.Unavailable
        : SmsFailure.Refused;

    // People write numbers with spaces, brackets and hyphens.
    private static string E164(string phone) => (phone.StartsWith('+') ? "+" : "") + string.Concat(phone.Where(char.IsAsciiDigit));

    [LoggerMessage(1, LogLevel.Error, "Twilio answered {Status} with code {Code}: {Failure}")]
    private partial void LogFailed(int status, int? code, SmsFailure failure);

    [LoggerMessage(2, LogLevel.Error, "Twilio does not answer: {Reason}")]
    private partial void LogUnreachable(string reason);

    private sealed record Reply(
        [property: JsonPropertyName("status"), JsonConverter(typeof(StatusConverter))] string? Status = null,
        [property: JsonPropertyName("code")] int? Code = null,
        [property: JsonPropertyName("error_code")] int? ErrorCode = null);

    // A word of the message where there is one, the HTTP status of an error.
    private sealed class StatusConverter : JsonConverter<string?>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String ? reader.GetString() : null;

        public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }
}
