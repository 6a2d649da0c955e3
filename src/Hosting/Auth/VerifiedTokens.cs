using System.Collections.Concurrent;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace BookSaga.Hosting.Auth;

/// <summary>
/// The library's token check, with its yes remembered: by the whole token, so that a changed byte is another token; for a minute at most, and never beyond
/// the token's own end, so that a withdrawn key counts soon. A no is never remembered.
/// </summary>
/// <remarks>Why: the signature is most of what a request costs besides its work (docs/performance.md).</remarks>
internal sealed class VerifiedTokens(TimeProvider time) : JsonWebTokenHandler
{
    // Some 8 KB each with its claims, in two generations: the older one is dropped when the younger is full.
    internal const int PerGeneration = 2048;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private ConcurrentDictionary<string, Verified> _young = new(StringComparer.Ordinal);
    private ConcurrentDictionary<string, Verified> _old = new(StringComparer.Ordinal);

    /// <summary>How many are remembered.</summary>
    internal int Count => _young.Count + _old.Count;

    /// <inheritdoc />
    public override Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
    {
        if ((_young.TryGetValue(token, out Verified? verified) || _old.TryGetValue(token, out verified)) && time.GetUtcNow() < verified.Until)
        {
            return verified.Result;
        }
        return CheckAsync(token, validationParameters);
    }

    private async Task<TokenValidationResult> CheckAsync(string token, TokenValidationParameters validationParameters)
    {
        TokenValidationResult result = await base.ValidateTokenAsync(token, validationParameters);
        if (result.IsValid)
        {
            DateTimeOffset until = new(result.SecurityToken.ValidTo, TimeSpan.Zero);
            DateTimeOffset longest = time.GetUtcNow() + Longest;
            if (_young.Count >= PerGeneration)
            {
                (_old, _young) = (_young, new(StringComparer.Ordinal));
            }
            _young[token] = new Verified(Task.FromResult(result), until < longest ? until : longest);
        }
        return result;
    }

    private sealed record Verified(Task<TokenValidationResult> Result, DateTimeOffset Until);
}
