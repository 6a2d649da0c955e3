using BookSaga.Hosting.Auth;
using BookSaga.Web.Words;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace BookSaga.Web.Sessions;

/// <summary>Signing in and out: OpenID Connect's code flow with PKCE; a cookie that names a session on the server. No token reaches the browser.</summary>
internal static class SessionSetup
{
    private const string HintKey = "login_hint";

    internal static void AddSessions(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TokenRefresh>();
        builder.Services.AddSingleton<SessionStore>();
        builder.Services.AddSingleton<KeptForms>();
        builder.Services.AddScoped<Me>();
        builder.Services.AddAuthentication(static schemes =>
        {
            schemes.DefaultScheme = CookieAuthenticationDefaults.AuthenticationScheme;
            schemes.DefaultChallengeScheme = OpenIdConnectDefaults.AuthenticationScheme;
        }).AddCookie().AddOpenIdConnect();
        builder.Services.AddOptions<CookieAuthenticationOptions>(CookieAuthenticationDefaults.AuthenticationScheme).Configure<SessionStore>(static (cookie, store) =>
        {
            cookie.SessionStore = store;
            cookie.Cookie.Name = "booksaga-session";
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SameSite = SameSiteMode.Lax;
            cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            cookie.ExpireTimeSpan = TimeSpan.FromHours(10);
            cookie.SlidingExpiration = false; // the identity provider decides, at each refresh
        });
        builder.Services.AddOptions<OpenIdConnectOptions>(OpenIdConnectDefaults.AuthenticationScheme).Configure<IOptions<AuthOptions>>(static (oidc, auth) => Configure(oidc, auth.Value));
        builder.Services.Configure<AntiforgeryOptions>(static forms =>
        {
            forms.Cookie.Name = "booksaga-form";
            forms.Cookie.SameSite = SameSiteMode.Lax; // Strict would be missing after the login page's redirect
            forms.SuppressXFrameOptionsHeader = true; // the policy says it
        });
        builder.Services.Configure<AuthorizationOptions>(static rules => rules.FallbackPolicy = null);
    }

    internal static void MapSessions(this WebApplication app)
    {
        app.MapGet("/sign-in", (string? to, string? email, HttpContext context) => context.User.Identity?.IsAuthenticated == true
            ? Results.Redirect(Local(to))
            : Results.Challenge(new AuthenticationProperties(new Dictionary<string, string?> { [HintKey] = email }) { RedirectUri = QueryHelpers.AddQueryString(Welcome.Path, "to", Local(to)) }, [OpenIdConnectDefaults.AuthenticationScheme]));
        app.MapGet(Welcome.Path, Welcome.AnswerAsync);
        app.MapPost("/sign-out", async (HttpContext context, IAntiforgery forms) => await forms.IsRequestValidAsync(context)
            ? Results.SignOut(new AuthenticationProperties { RedirectUri = "/" }, [CookieAuthenticationDefaults.AuthenticationScheme, OpenIdConnectDefaults.AuthenticationScheme])
            : Results.Redirect("/"));
    }

    /// <summary><paramref name="to"/> where it is a path of ours, else the front page: nobody is sent elsewhere by a link to us.</summary>
    internal static string Local(string? to) =>
        to is ['/', ..] && to is not ['/', '/' or '\\', ..] && !to.Any(char.IsControl) ? to : "/";

    private static void Configure(OpenIdConnectOptions oidc, AuthOptions auth)
    {
        string issuer = auth.Issuer.TrimEnd('/');
        oidc.MetadataAddress = auth.Authority.TrimEnd('/') + "/.well-known/openid-configuration";
        oidc.RequireHttpsMetadata = false; // reached inside the host or cluster; the issuer is what must match
        oidc.ClientId = auth.ClientId;
        oidc.ClientSecret = auth.ClientSecret;
        oidc.ResponseType = OpenIdConnectResponseType.Code;
        oidc.ResponseMode = OpenIdConnectResponseMode.Query;
        oidc.UsePkce = true;
        oidc.SaveTokens = true;
        oidc.MapInboundClaims = false;
        oidc.GetClaimsFromUserInfoEndpoint = false;
        oidc.Scope.Clear();
        oidc.Scope.Add("openid");
        oidc.Scope.Add("profile");
        oidc.Scope.Add("email");
        oidc.TokenValidationParameters.ValidIssuer = issuer;
        oidc.TokenValidationParameters.ValidAudience = auth.ClientId;
        oidc.TokenValidationParameters.NameClaimType = "given_name";
        // The answer comes by a plain link, so Lax is enough; None would need https on every development machine.
        oidc.CorrelationCookie.SameSite = SameSiteMode.Lax;
        oidc.NonceCookie.SameSite = SameSiteMode.Lax;
        oidc.CorrelationCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        oidc.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        oidc.Events.OnRedirectToIdentityProvider = context =>
        {
            // The browser goes to the public address, whatever name discovery was asked under.
            context.ProtocolMessage.IssuerAddress = issuer + "/protocol/openid-connect/auth";
            context.ProtocolMessage.UiLocales = context.HttpContext.RequestServices.GetRequiredService<Visitor>().Language;
            if (context.Properties.Items.TryGetValue(HintKey, out string? hint))
            {
                context.ProtocolMessage.LoginHint = hint;
            }
            return Task.CompletedTask;
        };
        oidc.Events.OnRedirectToIdentityProviderForSignOut = context =>
        {
            context.ProtocolMessage.IssuerAddress = issuer + "/protocol/openid-connect/logout";
            return Task.CompletedTask;
        };
        oidc.Events.OnRemoteFailure = context =>
        {
            context.HandleResponse();
            context.Response.Redirect("/problem/sign-in");
            return Task.CompletedTask;
        };
    }
}
