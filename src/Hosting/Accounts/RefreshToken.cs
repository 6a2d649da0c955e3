using System.Text.Json.Serialization;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace BookSaga.Hosting.Accounts;

/// <summary>POST /customer/token, /company/token: new tokens for a refresh token, 200; the old one is used up.</summary>
/// <remarks>401 <c>invalid claims</c>, code <c>invalid_refresh_token</c>: missing, used, expired, or its session was ended.</remarks>
internal static class RefreshToken
{
    /// <summary>Old clients write camelCase, everything else here is snake_case; both are read.</summary>
    internal sealed record Request(
        [property: JsonPropertyName("refreshToken")] string? CamelCase,
        [property: JsonPropertyName("refresh_token")] string? SnakeCase)
    {
        public string? Value => string.IsNullOrEmpty(CamelCase) ? SnakeCase : CamelCase;
    }

    public static void Map(RouteGroupBuilder accounts) => accounts.MapPost("/token", HandleAsync).WithSummary("Get new tokens for a refresh token");

    private static async Task<Results<Ok<TokenObject>, ProblemHttpResult>> HandleAsync(Request request, IdentityProvider identity, CancellationToken ct) =>
        AccountRules.CanBeSent(request.Value) && await identity.RefreshAsync(request.Value, ct) is { } tokens
            ? TypedResults.Ok(tokens)
            : Problems.Of(StatusCodes.Status401Unauthorized, "invalid claims", "invalid_refresh_token", "The refresh token is missing, used, expired or revoked.");
}
