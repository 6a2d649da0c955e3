using BookSaga.Hosting.Data;
using Microsoft.AspNetCore.Authentication.JwtBearer;

namespace BookSaga.Identity.Keys;

/// <summary>Keys from the database: for tokens, for cookies, and for the check of tokens that come back here.</summary>
internal static class KeyServices
{
    /// <summary>Call it after everything that uses cookies or forms: those register the eager loading that is taken out here.</summary>
    public static void AddKeys(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<KeyRing>();
        builder.AddCookieKeys("booksaga-identity");
        builder.Services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<KeyRing>((jwt, keys) => jwt.ConfigurationManager = keys);
    }
}
