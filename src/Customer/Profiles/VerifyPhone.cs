using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Customer.Profiles;

/// <summary>
/// POST /customer/phone/verify sends a random six-digit code; POST /customer/phone/verify/check takes it and writes the phone into the profile.
/// A code is bound to the user, kept as a hash, and ends after ten minutes, five wrong tries, or its success. One that could not be sent counts for nothing, and
/// the one before it stays good.
/// </summary>
/// <remarks>
/// 400 phone is required, invalid phone, phone and code are required, verification code is incorrect. 429 too many codes: five an hour. 502 <c>sms_refused</c>: the
/// provider will not. 503 <c>sms_unavailable</c>: it does not answer.
/// </remarks>
internal static class VerifyPhone
{
    internal sealed record SendRequest(string? Phone);

    internal sealed record CheckRequest(string? Phone, string? Code);

    internal sealed record Reply(string Result);

    private const int MaxPhoneLength = 32;

    // At most five codes an hour, counted before one is sent: the counter starts anew when the hour since its first code has passed.
    private const string CountSql = """
        INSERT INTO phone_verification AS v (user_id, phone, code_hash, expires_at) VALUES ($1, $2, '', now())
        ON CONFLICT (user_id) DO UPDATE SET
            sent = CASE WHEN v.sent_since < now() - interval '1 hour' THEN 1 ELSE v.sent + 1 END,
            sent_since = CASE WHEN v.sent_since < now() - interval '1 hour' THEN now() ELSE v.sent_since END
            WHERE v.sent < 5 OR v.sent_since < now() - interval '1 hour'
        """;

    private const string UncountSql = "UPDATE phone_verification SET sent = greatest(sent - 1, 0) WHERE user_id = $1";

    private const string SentSql = """
        UPDATE phone_verification SET phone = $2, code_hash = $3, expires_at = now() + interval '10 minutes', attempts = 0 WHERE user_id = $1
        """;

    // A try is counted before it is compared, so that parallel tries cannot have more than five between them.
    private const string TrySql = """
        UPDATE phone_verification SET attempts = attempts + 1
        WHERE user_id = $1 AND phone = $2 AND attempts < 5 AND expires_at > now()
        RETURNING code_hash
        """;

    private const string VerifiedSql = """
        WITH used AS (UPDATE phone_verification SET expires_at = now() WHERE user_id = $1 AND code_hash = $3 AND expires_at > now() RETURNING user_id)
        UPDATE profile SET phone = $2, updated = now() WHERE id = (SELECT user_id FROM used)
        """;

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/customer/phone/verify", SendAsync).WithSummary("Send a verification code to my phone");
        routes.MapPost("/customer/phone/verify/check", CheckAsync).WithSummary("Verify my phone with the code");
    }

    private static async Task<Results<Ok<Reply>, ProblemHttpResult>> SendAsync(
        SendRequest? body, Caller caller, NpgsqlDataSource db, IPhoneCodeSender sender, HttpContext context, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(body?.Phone))
        {
            return Problems.BadRequest("phone is required");
        }
        string phone = body.Phone.Trim();
        if (phone.Length > MaxPhoneLength || !phone.Any(char.IsAsciiDigit))
        {
            return Problems.BadRequest("invalid phone");
        }
        if (await db.ExecuteAsync(CountSql, ct, caller.Id, phone) == 0)
        {
            context.Response.Headers.RetryAfter = "3600";
            return Problems.Of(429, "too many codes", detail: "Five codes an hour; try again later.");
        }
        string code = RandomNumberGenerator.GetInt32(1_000_000).ToString("D6", CultureInfo.InvariantCulture);
        try
        {
            // Not ended by a client that goes: what was sent would count, and its code would not be known.
            await sender.SendAsync(phone, code, CancellationToken.None);
        }
        catch (SmsException e)
        {
            await db.ExecuteAsync(UncountSql, CancellationToken.None, caller.Id);
            return Problem(e.Failure, context);
        }
        await db.ExecuteAsync(SentSql, CancellationToken.None, caller.Id, phone, Hash(caller.Id, code));
        return TypedResults.Ok(new Reply("verification code sent"));
    }

    private static ProblemHttpResult Problem(SmsFailure failure, HttpContext context)
    {
        const string Error = "the code could not be sent";
        switch (failure)
        {
            case SmsFailure.InvalidPhone:
                return Problems.BadRequest("invalid phone", detail: "The number gets no messages. Give it with its country code, such as +7 900 000-00-00.");
            case SmsFailure.Refused:
                return Problems.Of(502, Error, "sms_refused", "The SMS provider refuses the message. Whoever runs this platform has to look into it.");
            default:
                context.Response.Headers.RetryAfter = "30";
                return Problems.Of(503, Error, "sms_unavailable", "The SMS provider does not answer; try again later.");
        }
    }

    private static async Task<Results<Ok<Reply>, ProblemHttpResult>> CheckAsync(CheckRequest? body, Caller caller, NpgsqlDataSource db, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(body?.Phone) || string.IsNullOrWhiteSpace(body.Code))
        {
            return Problems.BadRequest("phone and code are required");
        }
        string phone = body.Phone.Trim();
        byte[] hash = Hash(caller.Id, body.Code.Trim());
        byte[]? expected = await db.QueryFirstAsync(TrySql, row => row.GetFieldValue<byte[]>(0), ct, caller.Id, phone);
        if (expected is null || !CryptographicOperations.FixedTimeEquals(expected, hash))
        {
            return Problems.BadRequest("verification code is incorrect");
        }
        await Profile.EnsureAsync(db, caller, ct);
        return await db.ExecuteAsync(VerifiedSql, ct, caller.Id, phone, hash) == 1
            ? TypedResults.Ok(new Reply("phone verified"))
            : Problems.BadRequest("verification code is incorrect");
    }

    // Salted by the user: the same code of two users has two hashes.
    private static byte[] Hash(Guid user, string code) => SHA256.HashData(Encoding.UTF8.GetBytes($"{user}:{code}"));
}
