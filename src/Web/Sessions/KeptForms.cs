using System.Security.Cryptography;
using System.Text.Json;
using BookSaga.Hosting.Data;
using BookSaga.Web.Site;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Npgsql;

namespace BookSaga.Web.Sessions;

/// <summary>
/// A form that arrives after its session has ended is kept for ten minutes, and shown again, filled in, when its person has signed in.
/// Nothing is done by it: they look at it and send it themselves.
/// </summary>
internal sealed class KeptForms(NpgsqlDataSource db, IDataProtectionProvider protection, TimeProvider time)
{
    private const string Cookie = "booksaga-kept";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private const string KeepSql = "INSERT INTO kept_form (id, path, fields, expires_at) VALUES ($1, $2, $3, $4)";
    private const string ReadSql = "SELECT fields FROM kept_form WHERE id = $1 AND path = $2 AND expires_at > $3";
    private const string ForgetSql = "DELETE FROM kept_form WHERE expires_at < $1";
    private readonly IDataProtector _protector = protection.CreateProtector("kept-form");

    internal async Task KeepAsync(HttpContext context)
    {
        IFormCollection form = await context.Request.ReadFormAsync();
        var fields = form.Where(field => !field.Key.Contains("password", StringComparison.OrdinalIgnoreCase)).ToDictionary(field => field.Key, field => field.Value.ToString());
        byte[] key = RandomNumberGenerator.GetBytes(32);
        DateTimeOffset now = time.GetUtcNow();
        await db.ExecuteAsync(ForgetSql, CancellationToken.None, now);
        await db.ExecuteAsync(KeepSql, CancellationToken.None, SHA256.HashData(key), context.Request.Path.Value, _protector.Protect(JsonSerializer.SerializeToUtf8Bytes(fields)), now + Patience);
        context.Response.Cookies.Append(Cookie, Convert.ToBase64String(key), new CookieOptions { HttpOnly = true, IsEssential = true, SameSite = SameSiteMode.Lax, MaxAge = Patience, Secure = context.Request.IsHttps });
    }

    /// <summary>The fields of the form kept for this page, also when the page is loaded again; null when there is none.</summary>
    internal async Task<Dictionary<string, string>?> ReadAsync(HttpContext context)
    {
        Span<byte> key = stackalloc byte[32];
        if (!Convert.TryFromBase64String(context.Request.Cookies[Cookie] ?? "", key, out int length) || length != key.Length)
        {
            return null;
        }
        byte[] id = SHA256.HashData(key);
        byte[]? kept = await db.QueryFirstAsync(ReadSql, row => row.GetFieldValue<byte[]>(0), CancellationToken.None, id, context.Request.Path.Value, time.GetUtcNow());
        return kept is null ? null : JsonSerializer.Deserialize<Dictionary<string, string>>(_protector.Unprotect(kept));
    }

    /// <summary>A form that is sent need not be shown again.</summary>
    internal static void Forget(HttpContext context)
    {
        if (context.Request.Cookies.ContainsKey(Cookie))
        {
            context.Response.Cookies.Delete(Cookie);
        }
    }
}

/// <summary>Puts <see cref="KeptForms"/> between authentication and authorization.</summary>
internal static class KeptFormPipeline
{
    internal static void UseKeptForms(this WebApplication app) => app.Use(async (context, next) =>
    {
        bool signedIn = context.User.Identity?.IsAuthenticated == true;
        KeptForms kept = context.RequestServices.GetRequiredService<KeptForms>();
        if (!signedIn && HttpMethods.IsPost(context.Request.Method) && context.Request.HasFormContentType && IsOurs(context) && NeedsSession(context))
        {
            await kept.KeepAsync(context);
            await context.ChallengeAsync(new AuthenticationProperties { RedirectUri = context.Request.Path + context.Request.QueryString });
            return;
        }
        if (signedIn && HttpMethods.IsPost(context.Request.Method))
        {
            KeptForms.Forget(context);
        }
        else if (signedIn && await kept.ReadAsync(context) is { } fields)
        {
            context.Items[Forms.KeptKey] = fields;
        }
        await next(context);
    });

    private static bool NeedsSession(HttpContext context) =>
        context.GetEndpoint()?.Metadata is { } metadata
        && (metadata.GetMetadata<IAuthorizeData>() is not null || context.Request.Form.ContainsKey(Forms.SignedInField));

    // Another site's form is not kept: its person never typed it.
    private static bool IsOurs(HttpContext context) =>
        context.Request.Headers["Sec-Fetch-Site"].ToString() is "same-origin" or "" && context.Request.Headers.Origin.ToString() is var origin
        && (origin.Length == 0 || string.Equals(origin, $"{context.Request.Scheme}://{context.Request.Host}", StringComparison.OrdinalIgnoreCase));
}
