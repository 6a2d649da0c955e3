using System.Net;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace BookSaga.Hosting.Accounts;

/// <summary>POST /customer/register, /company/register: an account and its first tokens, 200.</summary>
/// <remarks>400: a field breaks a rule, <c>code</c> says which. 409 <c>email taken</c>, in any case of letters.</remarks>
internal static class RegisterAccount
{
    internal sealed record Request(string? Email, string? Password, string? FirstName, string? LastName);

    public static void Map(RouteGroupBuilder accounts) => accounts.MapPost("/register", HandleAsync).WithSummary("Register");

    private static async Task<Results<Ok<TokenObject>, ProblemHttpResult>> HandleAsync(Request request, IdentityProvider identity, CancellationToken ct)
    {
        string email = AccountRules.Normalize(request.Email);
        if (AccountRules.Check(email, request.Password, request.FirstName, request.LastName) is { } broken)
        {
            return Problems.BadRequest(broken.Error, broken.Code);
        }
        HttpStatusCode made = await identity.CreateUserAsync(email, request.Password!, request.FirstName!.Trim(), request.LastName!.Trim(), ct);
        if (made == HttpStatusCode.Conflict)
        {
            return Problems.Conflict("email taken", "email_taken");
        }
        if (made == HttpStatusCode.BadRequest)
        {
            return Problems.BadRequest("account not accepted", "account_not_accepted", "The identity provider refuses this e-mail, name or password.");
        }
        return await identity.PasswordAsync(email, request.Password!, ct) is { } tokens
            ? TypedResults.Ok(tokens)
            : throw new HttpRequestException("the identity provider refuses the account that it has just made");
    }
}
