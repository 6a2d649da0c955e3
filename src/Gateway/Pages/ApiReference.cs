using System.Security.Cryptography;
using Scalar.AspNetCore;

namespace BookSaga.Gateway.Pages;

/// <summary>GET /docs: the API reference. Its script comes from here; nothing is asked of any other host.</summary>
internal static class ApiReference
{
    internal static void MapApiReference(this WebApplication app) =>
        app.MapScalarApiReference("/docs", static (options, context) =>
        {
            string nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
            SecurityHeaders.Set(context, $"script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'");
            options.ShowDeveloperTools = DeveloperToolsVisibility.Never;
            options.WithTitle("BookSaga API")
                .WithNonce(nonce)
                .WithOpenApiRoutePattern(ApiDocument.Path)
                .DisableDefaultFonts()
                .DisableTelemetry()
                .DisableAgent()
                .DisableMcp()
                .HideClientButton() // it leads to another host
                .AddPreferredSecuritySchemes(CombinedApi.SecurityScheme);
        }).AllowAnonymous();
}
