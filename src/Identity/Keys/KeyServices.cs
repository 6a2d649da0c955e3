using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;

namespace BookSaga.Identity.Keys;

/// <summary>Keys from the database: for tokens, for cookies, and for the check of tokens that come back here.</summary>
internal static class KeyServices
{
    /// <summary>Call it after everything that uses cookies or forms: those register the eager loading that is taken out here.</summary>
    public static void AddKeys(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<KeyRing>();
        builder.Services.AddSingleton<CookieKeys>();
        builder.Services.AddDataProtection().SetApplicationName("booksaga-identity");
        // The framework loads these keys before the server listens, when the database may not be there yet; the first cookie is soon enough.
        foreach (ServiceDescriptor eager in builder.Services.Where(s => s.ServiceType == typeof(IHostedService) && s.ImplementationType?.Name == "DataProtectionHostedService").ToArray())
        {
            builder.Services.Remove(eager);
        }
        builder.Services.AddOptions<KeyManagementOptions>().Configure<CookieKeys>((keys, repository) => keys.XmlRepository = repository);
        // Its one warning says that the keys lie unencrypted in the repository: they do, beside the password hashes.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        builder.Services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<KeyRing>((jwt, keys) => jwt.ConfigurationManager = keys);
    }
}
