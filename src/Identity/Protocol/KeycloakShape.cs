using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace BookSaga.Identity.Protocol;

/// <summary>Where Keycloak's answers differ from OpenIddict's: kinds of tokens, the token answer's members, discovery.</summary>
internal static class KeycloakShape
{
    public static void Register(OpenIddictServerBuilder server, IdentitySettings settings)
    {
        server.AddEventHandler<ProcessSignInContext>(handler => handler
            .UseInlineHandler(GiveRefreshToken)
            .SetOrder(OpenIddictServerHandlers.EvaluateGeneratedTokens.Descriptor.Order + 1));
        server.AddEventHandler<ProcessSignInContext>(handler => handler
            .UseInlineHandler(NameKinds)
            .SetOrder(OpenIddictServerHandlers.PrepareIdentityTokenPrincipal.Descriptor.Order + 1));
        server.AddEventHandler<ProcessSignInContext>(handler => handler
            .UseInlineHandler(context => CompleteAnswer(context, settings))
            .SetOrder(OpenIddictServerHandlers.AttachSignInParameters.Descriptor.Order + 1));
        server.AddEventHandler<GenerateTokenContext>(handler => handler
            .UseInlineHandler(KeepOnlyWhatIsLookedUp)
            .SetOrder(OpenIddictServerHandlers.Protection.CreateTokenEntry.Descriptor.Order - 1));
        server.AddEventHandler<HandleConfigurationRequestContext>(handler => handler
            .UseInlineHandler(context => SendBrowsersToThePublicAddress(context, settings))
            .SetOrder(int.MaxValue - 1000));
    }

    // Keycloak gives people a refresh token without the scope offline_access, and services none.
    private static ValueTask GiveRefreshToken(ProcessSignInContext context)
    {
        if (context.EndpointType == OpenIddictServerEndpointType.Token && !context.Request.IsClientCredentialsGrantType())
        {
            bool renew = !context.Request.IsRefreshTokenGrantType() || !context.Options.DisableRollingRefreshTokens;
            context.GenerateRefreshToken = context.IncludeRefreshToken = renew;
        }
        return default;
    }

    private static ValueTask NameKinds(ProcessSignInContext context)
    {
        context.AccessTokenPrincipal?.SetClaim("typ", "Bearer");
        context.IdentityTokenPrincipal?.SetClaim("typ", "ID");
        // The session that a logout by this token ends.
        if (context.Principal?.GetAuthorizationId() is { } session)
        {
            context.AccessTokenPrincipal?.SetClaim("sid", session);
            context.IdentityTokenPrincipal?.SetClaim("sid", session);
            // An id_token_hint stays good after its session has ended, so that a second logout is no error.
            context.IdentityTokenPrincipal?.SetAuthorizationId(null);
        }
        return default;
    }

    private static ValueTask CompleteAnswer(ProcessSignInContext context, IdentitySettings settings)
    {
        if (context.EndpointType == OpenIddictServerEndpointType.Token && context.Principal is not null)
        {
            context.Response.ExpiresIn = (long)settings.Realm.AccessTokenLife.TotalSeconds;
            context.Response["refresh_expires_in"] = context.Response.RefreshToken is null ? 0 : (long)settings.Realm.SessionIdle.TotalSeconds;
            context.Response.Scope = string.Join(' ', context.Principal.GetScopes());
        }
        return default;
    }

    // Access and id tokens prove themselves by their signature; a row for each would only grow the database.
    private static ValueTask KeepOnlyWhatIsLookedUp(GenerateTokenContext context)
    {
        if (context.TokenType is OpenIddictConstants.TokenTypeIdentifiers.AccessToken or OpenIddictConstants.TokenTypeIdentifiers.IdentityToken)
        {
            context.CreateTokenEntry = false;
        }
        return default;
    }

    // Browsers go to the public address wherever the document was asked; calls between servers stay where they are.
    private static ValueTask SendBrowsersToThePublicAddress(HandleConfigurationRequestContext context, IdentitySettings settings)
    {
        context.AuthorizationEndpoint = new Uri(settings.PublicOrigin + settings.ProtocolPath + "/auth");
        context.EndSessionEndpoint = new Uri(settings.PublicOrigin + settings.ProtocolPath + "/logout");
        return default;
    }
}
