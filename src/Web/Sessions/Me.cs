using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.IdentityModel.JsonWebTokens;

namespace BookSaga.Web.Sessions;

/// <summary>Who is signed in, if anybody.</summary>
public sealed class Me(IHttpContextAccessor accessor)
{
    private readonly HttpContext _context = accessor.HttpContext!;

    /// <summary>Whether somebody is.</summary>
    public bool IsSignedIn => _context.User.Identity?.IsAuthenticated == true;

    /// <summary>What to call them.</summary>
    public string FirstName => _context.User.FindFirst("given_name")?.Value ?? Email;

    public string Email => _context.User.FindFirst("email")?.Value ?? "";

    /// <summary>Whether the links to the operator's pages are shown; the API decides for itself who may.</summary>
    public async Task<bool> IsOperatorAsync()
    {
        if (!IsSignedIn || await _context.GetTokenAsync("access_token") is not { } token || !new JsonWebTokenHandler().CanReadToken(token))
        {
            return false;
        }
        return new JsonWebToken(token).TryGetPayloadValue("realm_access", out JsonElement access)
            && access.TryGetProperty("roles", out JsonElement roles) && roles.EnumerateArray().Any(role => role.GetString() == "operator");
    }

    /// <summary>Where to sign in and come back to this page.</summary>
    public string SignInHere => "/sign-in?to=" + Uri.EscapeDataString(_context.Request.Path + _context.Request.QueryString);
}
