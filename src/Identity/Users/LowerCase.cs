using Microsoft.AspNetCore.Identity;

namespace BookSaga.Identity.Users;

/// <summary>E-mails compare lower-cased, which is how they are stored and how PostgreSQL sees them.</summary>
internal sealed class LowerCase : ILookupNormalizer
{
    public string? NormalizeName(string? name) => name?.ToLowerInvariant();

    public string? NormalizeEmail(string? email) => email?.ToLowerInvariant();
}
