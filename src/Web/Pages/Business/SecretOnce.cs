using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace BookSaga.Web.Pages.Business;

/// <summary>
/// Carries a webhook's secret over the redirect after the form that made it, encrypted, in a cookie that its page takes away when it shows it:
/// shown once, on any replica, and reloading sends nothing again.
/// </summary>
internal sealed class SecretOnce(IDataProtectionProvider protection)
{
    private const string Cookie = "booksaga-secret";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("webhook-secret").ToTimeLimitedDataProtector();

    internal void Keep(HttpContext context, long webhook, string secret) => context.Response.Cookies.Append(
        Cookie, _protector.Protect(webhook.ToString(CultureInfo.InvariantCulture) + " " + secret, Patience), Options(context, Patience));

    /// <summary>The secret that was just made for this webhook; null when there is none, or when it was shown.</summary>
    internal string? Take(HttpContext context, long webhook)
    {
        if (!HttpMethods.IsGet(context.Request.Method) || context.Request.Cookies[Cookie] is not { Length: > 0 } kept)
        {
            return null;
        }
        context.Response.Cookies.Delete(Cookie, Options(context, null));
        try
        {
            string[] parts = _protector.Unprotect(kept).Split(' ', 2);
            return parts[0] == webhook.ToString(CultureInfo.InvariantCulture) ? parts[1] : null;
        }
        catch (CryptographicException)
        {
            return null; // too late, or not ours
        }
    }

    private static CookieOptions Options(HttpContext context, TimeSpan? age) =>
        new() { HttpOnly = true, IsEssential = true, SameSite = SameSiteMode.Lax, Secure = context.Request.IsHttps, MaxAge = age, Path = BusinessRoutes.Home };
}

/// <summary>What the pages for companies need besides.</summary>
internal static class BusinessSetup
{
    internal static void AddBusiness(this WebApplicationBuilder builder) => builder.Services.AddSingleton<SecretOnce>();
}
