using System.ComponentModel.DataAnnotations;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;

namespace BookSaga.Hosting.Auth;

/// <summary>Every process checks the token itself: signature, algorithm, issuer, audience, lifetime, type. Identity headers count for nothing.</summary>
public static class TokenCheck
{
    /// <summary>The policy of internal routes: the token of one of our own services (realm role <c>service</c>).</summary>
    public const string InternalPolicy = "internal";

    /// <summary>The policy of operators' routes: a user with the realm role <c>operator</c>.</summary>
    public const string OperatorPolicy = "operator";

    private static readonly object Unavailable = new();

    internal static void AddTokenCheck(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<AuthOptions>().BindConfiguration("Auth").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<ServiceTokens>();
        builder.Services.AddTransient<OtherAuthorities>();
        builder.Services.AddHttpClient(Microsoft.Extensions.Options.Options.DefaultName).AddHttpMessageHandler<OtherAuthorities>();
        builder.Services.AddSingleton(services => new VerifiedTokens(services.GetRequiredService<TimeProvider>()));
        builder.Services.AddScoped<IAuthenticationService, RememberingAuthentication>();
        builder.Services.AddSingleton<IPolicyEvaluator, SignedInEvaluator>();
        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer();
        builder.Services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<Microsoft.Extensions.Options.IOptions<AuthOptions>>((jwt, auth) =>
            {
                Configure(jwt, auth.Value);
                if (auth.Value.Others.Length > 0)
                {
                    jwt.BackchannelHttpHandler = new OtherAuthorities(auth) { InnerHandler = new SocketsHttpHandler() };
                }
            });
        builder.Services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build())
            .AddPolicy(OperatorPolicy, policy => policy.RequireAuthenticatedUser().RequireAssertion(c => Caller.HasRealmRole(c.User, "operator")))
            .AddPolicy(InternalPolicy, policy => policy.RequireAuthenticatedUser().RequireAssertion(c => Caller.HasRealmRole(c.User, "service")));
    }

    private static void Configure(JwtBearerOptions jwt, AuthOptions auth)
    {
        jwt.MapInboundClaims = false;
        jwt.SaveToken = false;
        jwt.RequireHttpsMetadata = false; // the authority is reached inside the host or cluster; the issuer is what must match
        jwt.MetadataAddress = auth.Authority.TrimEnd('/') + "/.well-known/openid-configuration";
        jwt.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuer = auth.Issuer,
            ValidAudience = auth.Audience,
            ValidAlgorithms = ["RS256", "PS256", "ES256"],
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            ClockSkew = TimeSpan.FromSeconds(5),
            NameClaimType = "sub",
        };
        jwt.Events = new JwtBearerEvents
        {
            // Keycloak names the kind of token in the payload: Bearer, ID, Refresh. Only the first opens anything.
            OnTokenValidated = context =>
            {
                if (context.Principal?.FindFirst("typ")?.Value != "Bearer" || Caller.From(context.Principal) is null)
                {
                    context.Fail("not an access token of somebody");
                }
                return Task.CompletedTask;
            },
            // Keys that cannot be fetched say nothing about the token: that is 503, not 401. The library reports it as a key that it did not find.
            OnAuthenticationFailed = async context =>
            {
                if (context.Exception is InvalidOperationException or HttpRequestException or IOException
                    || (context.Exception is SecurityTokenSignatureKeyNotFoundException && !await HasKeysAsync(context.Options, context.HttpContext.RequestAborted)))
                {
                    context.HttpContext.Items[Unavailable] = true;
                }
            },
            OnChallenge = context =>
            {
                context.HandleResponse();
                if (context.HttpContext.Items.ContainsKey(Unavailable))
                {
                    return Problems.WriteUnavailableAsync(context.HttpContext);
                }
                context.Response.Headers.WWWAuthenticate = "Bearer";
                return Problems.InvalidClaims().ExecuteAsync(context.HttpContext);
            },
            OnForbidden = context => Problems.Forbidden().ExecuteAsync(context.HttpContext),
        };
    }

    // Answers from memory once keys have been fetched.
    private static async Task<bool> HasKeysAsync(JwtBearerOptions jwt, CancellationToken cancellationToken)
    {
        try
        {
            return await jwt.ConfigurationManager!.GetConfigurationAsync(cancellationToken) is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}

/// <summary>Settings <c>Auth:*</c>: whose tokens count, and who this service is to others.</summary>
public sealed class AuthOptions
{
    /// <summary>The exact <c>iss</c> of valid tokens, for example <c>http://localhost:8080/realms/booksaga</c>.</summary>
    [Required]
    public string Issuer { get; set; } = "";

    /// <summary>Where the realm is reached from here; keys and service tokens come from it.</summary>
    [Required]
    public string Authority { get; set; } = "";

    /// <summary>The same realm at the provider's other replicas, separated by commas: asked when nobody listens at <see cref="Authority"/>.</summary>
    public string OtherAuthorities { get; set; } = "";

    /// <summary>The addresses in <see cref="OtherAuthorities"/>.</summary>
    internal Uri[] Others => [.. OtherAuthorities.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(address => new Uri(address))];

    /// <summary>The <c>aud</c> of valid tokens.</summary>
    public string Audience { get; set; } = "booksaga";

    /// <summary>This service's own client.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>Its secret.</summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>The client that asks for users' tokens on register and login.</summary>
    public string LoginClientId { get; set; } = "booksaga-api";

    /// <summary>Its secret.</summary>
    public string LoginClientSecret { get; set; } = "";
}
