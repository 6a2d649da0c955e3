using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace BookSaga.Hosting.Accounts;

/// <summary>POST /customer/logout, /company/logout: ends the session of a refresh token, 204.</summary>
/// <remarks>400 <c>invalid refresh token</c>: missing, used, expired, or its session was ended before.</remarks>
internal static class Logout
{
    public static void Map(RouteGroupBuilder accounts) => accounts.MapPost("/logout", HandleAsync).WithSummary("End the session of a refresh token");

    private static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(RefreshToken.Request request, IdentityProvider identity, CancellationToken ct) =>
        AccountRules.CanBeSent(request.Value) && await identity.LogoutAsync(request.Value, ct)
            ? TypedResults.NoContent()
            : Problems.BadRequest("invalid refresh token");
}
