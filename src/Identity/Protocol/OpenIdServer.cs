using BookSaga.Identity.Keys;
using BookSaga.Identity.Realm;
using BookSaga.Identity.Users;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;

namespace BookSaga.Identity.Protocol;

/// <summary>OpenIddict at Keycloak's paths, with the realm's lifetimes and Keycloak's token shapes.</summary>
internal static class OpenIdServer
{
    /// <summary>The scheme of the browser session: who has signed in on the login page.</summary>
    public const string Session = "session";

    public static void AddOpenIdServer(this WebApplicationBuilder builder, IdentitySettings settings)
    {
        RealmSettings realm = settings.Realm;
        builder.Services.AddOpenIddict()
            .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<IdentityDb>().ReplaceDefaultEntities<Guid>())
            .AddServer(server => Configure(server, settings));
        builder.Services.AddOptions<OpenIddictServerOptions>().Configure<KeyRing>((options, keys) =>
        {
            options.CodeChallengeMethods.Remove(OpenIddictConstants.CodeChallengeMethods.Plain);
            options.Scopes.Remove(OpenIddictConstants.Scopes.OfflineAccess); // refresh tokens come without it, as Keycloak gives them
            options.SigningCredentials.Add(new SigningCredentials(keys.Signing, SecurityAlgorithms.RsaSha256));
            options.EncryptionCredentials.Add(new EncryptingCredentials(keys.Encryption, SecurityAlgorithms.Aes256KW, SecurityAlgorithms.Aes256CbcHmacSha512));
        });
        builder.Services.AddAntiforgery(form =>
        {
            form.Cookie.Name = "booksaga_form";
            form.Cookie.Path = settings.RealmPath;
            form.SuppressXFrameOptionsHeader = true; // the pages set it themselves, with the rest of their headers
        });
        builder.Services.AddAuthentication().AddCookie(Session, cookie =>
        {
            cookie.Cookie.Name = "booksaga_session";
            cookie.Cookie.Path = settings.RealmPath;
            cookie.Cookie.SameSite = SameSiteMode.Lax;
            cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            cookie.ExpireTimeSpan = realm.SessionIdle;
            cookie.SlidingExpiration = true;
        });
        // At Information it writes every request and answer, its secrets redacted, but mail addresses not.
        builder.Logging.AddFilter("OpenIddict", LogLevel.Warning);
        builder.Services.AddSingleton<TokenClaims>();
        builder.Services.AddHostedService<PruneTokens>();
    }

    private static void Configure(OpenIddictServerBuilder server, IdentitySettings settings)
    {
        RealmSettings realm = settings.Realm;
        string path = settings.ProtocolPath.TrimStart('/');
        server.SetIssuer(settings.Issuer)
            .SetConfigurationEndpointUris(settings.RealmPath.TrimStart('/') + "/.well-known/openid-configuration")
            .SetJsonWebKeySetEndpointUris(path + "/certs")
            .SetAuthorizationEndpointUris(path + "/auth")
            .SetTokenEndpointUris(path + "/token")
            .SetUserInfoEndpointUris(path + "/userinfo")
            .SetEndSessionEndpointUris(path + "/logout")
            .SetRevocationEndpointUris(path + "/revoke");
        server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange()
            .AllowPasswordFlow()
            .AllowRefreshTokenFlow()
            .AllowClientCredentialsFlow();
        server.RegisterScopes(realm.Scopes).IgnoreScopePermissions();
        server.SetAccessTokenLifetime(realm.AccessTokenLife)
            .SetIdentityTokenLifetime(realm.AccessTokenLife)
            .SetAuthorizationCodeLifetime(realm.CodeLife)
            .SetRefreshTokenLifetime(realm.SessionIdle)
            .SetRefreshTokenReuseLeeway(null);
        server.DisableAccessTokenEncryption().UseReferenceRefreshTokens();
        if (!realm.RotateRefreshTokens)
        {
            server.DisableRollingRefreshTokens();
        }
        KeycloakShape.Register(server, settings);
        // The issuer's scheme is what browsers see; between gateway and here it is plain HTTP.
        server.UseAspNetCore()
            .DisableTransportSecurityRequirement()
            .EnableAuthorizationEndpointPassthrough()
            .EnableTokenEndpointPassthrough()
            .EnableUserInfoEndpointPassthrough()
            .EnableEndSessionEndpointPassthrough()
            .EnableErrorPassthrough();
    }
}
