using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace BookSaga.Hosting.Accounts;

/// <summary>POST /customer/login, /company/login: tokens for e-mail and password, 200.</summary>
/// <remarks>401 <c>invalid claims</c>, code <c>invalid_credentials</c>: unknown e-mail, wrong password, or locked after too many of them.</remarks>
internal static class Login
{
    internal sealed record Request(string? Email, string? Password);

    public static void Map(RouteGroupBuilder accounts) => accounts.MapPost("/login", HandleAsync).WithSummary("Sign in");

    private static async Task<Results<Ok<TokenObject>, ProblemHttpResult>> HandleAsync(Request request, IdentityProvider identity, CancellationToken ct)
    {
        string email = AccountRules.Normalize(request.Email);
        return AccountRules.CanBeSent(email) && AccountRules.CanBeSent(request.Password) && await identity.PasswordAsync(email, request.Password, ct) is { } tokens
            ? TypedResults.Ok(tokens)
            : Problems.Of(StatusCodes.Status401Unauthorized, "invalid claims", "invalid_credentials", "The e-mail or the password is wrong.");
    }
}
