using BookSaga.Web.Sessions;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;

namespace BookSaga.Web.Pages.Operator;

/// <summary>Who sees the operators' pages: the realm role <c>operator</c>. Everybody else is told so, with 403; the API decides again for itself.</summary>
internal static class OperatorAccess
{
    /// <summary>For <c>[Authorize]</c>. Visitors are sent to the login page first.</summary>
    public const string Policy = "operator-pages";

    internal static void AddOperatorPages(this WebApplicationBuilder builder)
    {
        builder.Services.Configure<AuthorizationOptions>(static rules => rules.AddPolicy(Policy, static policy => policy
            .RequireAuthenticatedUser()
            .RequireAssertion(static check => ((HttpContext)check.Resource!).RequestServices.GetRequiredService<Me>().IsOperatorAsync())));
        builder.Services.Configure<CookieAuthenticationOptions>(CookieAuthenticationDefaults.AuthenticationScheme, static cookie =>
            cookie.Events.OnRedirectToAccessDenied = static denied =>
            {
                denied.Response.StatusCode = StatusCodes.Status403Forbidden; // becomes a page at this address
                return Task.CompletedTask;
            });
    }
}
