namespace BookSaga.Hosting.Accounts;

/// <summary>Who has an account.</summary>
public sealed class UserDirectory
{
    private readonly IdentityProvider _identity;

    internal UserDirectory(IdentityProvider identity) => _identity = identity;

    /// <summary>Removes a person's account with its sessions; a repeat changes nothing.</summary>
    /// <exception cref="HttpRequestException">The identity provider is out of reach.</exception>
    public Task DeleteAsync(Guid id, CancellationToken ct) => _identity.DeleteUserAsync(id, ct);

    /// <summary>The account with this e-mail in any case, or null.</summary>
    /// <exception cref="HttpRequestException">The identity provider is out of reach.</exception>
    public async Task<DirectoryEntry?> FindByEmailAsync(string email, CancellationToken ct)
    {
        string wanted = AccountRules.Normalize(email);
        return (await _identity.FindUsersAsync(wanted, ct)).FirstOrDefault(u => u.Email == wanted) is { } user
            ? new DirectoryEntry(user.Id, user.FirstName ?? "", user.LastName ?? "", wanted)
            : null;
    }
}

/// <summary>A person with an account.</summary>
/// <param name="Id">The <c>sub</c> of this person's tokens.</param>
/// <param name="FirstName">As given at registration.</param>
/// <param name="LastName">As given at registration.</param>
/// <param name="Email">Lower-cased.</param>
public sealed record DirectoryEntry(Guid Id, string FirstName, string LastName, string Email);
