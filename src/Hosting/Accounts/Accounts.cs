using BookSaga.Hosting.Auth;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace BookSaga.Hosting.Accounts;

/// <summary>The public account routes, which <c>customer</c> and <c>company</c> share: one realm, one account for both.</summary>
public static class Accounts
{
    /// <summary>Registers what the routes and <see cref="UserDirectory"/> need.</summary>
    public static void AddAccounts(this WebApplicationBuilder builder)
    {
        builder.Services.AddHttpClient(IdentityProvider.ClientName, http => http.Timeout = TimeSpan.FromSeconds(10)).AddHttpMessageHandler<OtherAuthorities>();
        builder.Services.AddSingleton<IdentityProvider>();
        builder.Services.AddSingleton(services => new UserDirectory(services.GetRequiredService<IdentityProvider>()));
    }

    /// <summary>Maps <c>register</c>, <c>login</c>, <c>token</c> and <c>logout</c> under <c>/{area}</c>.</summary>
    /// <param name="routes">The group of <c>/api/v1</c>.</param>
    /// <param name="area"><c>customer</c> or <c>company</c>.</param>
    public static void MapAccounts(this IEndpointRouteBuilder routes, string area)
    {
        RouteGroupBuilder accounts = routes.MapGroup("/" + area).AllowAnonymous().WithTags("Accounts");
        RegisterAccount.Map(accounts);
        Login.Map(accounts);
        RefreshToken.Map(accounts);
        Logout.Map(accounts);
    }
}
