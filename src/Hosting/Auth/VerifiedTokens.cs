using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace BookSaga.Hosting.Auth;

/// <summary>
/// The yes of the library's token check, remembered: by the whole header, so that a changed byte is another token; for a minute at most, and never beyond
/// the token's own end, so that a withdrawn key counts soon. A no is never remembered.
/// </summary>
/// <remarks>Why: the check is most of what a request costs besides its work (docs/performance.md).</remarks>
/// <param name="time">Decides when a token has ended.</param>
/// <param name="perGeneration">Of some 6 KB each with its claims, two generations: the older one is dropped when the younger is full.</param>
internal sealed class VerifiedTokens(TimeProvider time, int perGeneration = 2048)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private ConcurrentDictionary<string, Verified> _young = new(StringComparer.Ordinal);
    private ConcurrentDictionary<string, Verified> _old = new(StringComparer.Ordinal);

    /// <summary>How many are remembered.</summary>
    internal int Count => _young.Count + _old.Count;

    /// <summary>The yes to this <c>Authorization</c> header, or null when it has to be checked.</summary>
    internal Task<AuthenticateResult>? Find(string header) =>
        (_young.TryGetValue(header, out Verified? verified) || _old.TryGetValue(header, out verified)) && time.GetUtcNow() < verified.Until ? verified.Result : null;

    /// <summary>Remembers the yes to <paramref name="header"/>, whose token ends at <paramref name="end"/>, and gives it.</summary>
    internal AuthenticateResult Remember(string header, AuthenticationTicket ticket, DateTimeOffset end)
    {
        var result = AuthenticateResult.Success(new AuthenticationTicket(new VerifiedPrincipal(ticket.Principal), ticket.Properties, ticket.AuthenticationScheme));
        DateTimeOffset longest = time.GetUtcNow() + Longest;
        if (_young.Count >= perGeneration)
        {
            (_old, _young) = (_young, new(StringComparer.Ordinal));
        }
        _young[header] = new Verified(Task.FromResult(result), end < longest ? end : longest);
        return result;
    }

    private sealed record Verified(Task<AuthenticateResult> Result, DateTimeOffset Until);
}

/// <summary>Whom a remembered token names; who that is as a <see cref="Caller"/> is read from the claims once.</summary>
internal sealed class VerifiedPrincipal(ClaimsPrincipal principal) : ClaimsPrincipal(principal.Identities)
{
    internal Caller? Caller { get; } = Caller.From(principal);
}

/// <summary>Asks <see cref="VerifiedTokens"/> before the scheme's handler; other schemes have no memory.</summary>
internal sealed class RememberingAuthentication(
    IAuthenticationSchemeProvider schemes, IAuthenticationHandlerProvider handlers, IClaimsTransformation transform, IOptions<AuthenticationOptions> options, VerifiedTokens verified)
    : AuthenticationService(schemes, handlers, transform, options)
{
    /// <inheritdoc />
    public override Task<AuthenticateResult> AuthenticateAsync(HttpContext context, string? scheme)
    {
        if (scheme != JwtBearerDefaults.AuthenticationScheme || context.Request.Headers.Authorization.ToString() is not { Length: > 0 } header)
        {
            return base.AuthenticateAsync(context, scheme);
        }
        return verified.Find(header) ?? CheckAsync(context, scheme, header);
    }

    private async Task<AuthenticateResult> CheckAsync(HttpContext context, string scheme, string header)
    {
        AuthenticateResult result = await base.AuthenticateAsync(context, scheme);
        return result is { Ticket: { Properties.ExpiresUtc: { } end } ticket } ? verified.Remember(header, ticket, end) : result;
    }
}
