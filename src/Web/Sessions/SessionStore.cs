using System.Security.Cryptography;
using System.Text;
using BookSaga.Hosting.Data;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Npgsql;

namespace BookSaga.Web.Sessions;

/// <summary>Who is signed in, with their tokens: in the database, for every replica. The browser has a random key and nothing else.</summary>
internal sealed class SessionStore(NpgsqlDataSource db, IDataProtectionProvider protection, TokenRefresh refresh, TimeProvider time) : ITicketStore
{
    // Keycloak's and our realm's longest session (ssoSessionMaxLifespan).
    private static readonly TimeSpan Longest = TimeSpan.FromHours(10);

    private const string KeepSql = """
        INSERT INTO session (id, ticket, expires_at) VALUES ($1, $2, $3)
        ON CONFLICT (id) DO UPDATE SET ticket = EXCLUDED.ticket, expires_at = EXCLUDED.expires_at
        """;

    private const string ReadSql = "SELECT ticket FROM session WHERE id = $1 AND expires_at > $2";

    // The row's lock is the single flight: of all requests of all replicas one refreshes, the others wait and take what it left.
    private const string LockSql = ReadSql + " FOR UPDATE";

    private const string EndSql = "DELETE FROM session WHERE id = $1 OR expires_at < $2";

    private readonly IDataProtector _protector = protection.CreateProtector("session");

    /// <inheritdoc />
    public async Task<string> StoreAsync(AuthenticationTicket ticket)
    {
        string key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        await RenewAsync(key, ticket);
        return key;
    }

    /// <inheritdoc />
    public Task RenewAsync(string key, AuthenticationTicket ticket) =>
        db.ExecuteAsync(KeepSql, CancellationToken.None, Id(key), Protect(ticket), time.GetUtcNow() + Longest);

    /// <summary>The session with a token that is good for a while; null when it has ended, here or at the identity provider.</summary>
    public async Task<AuthenticationTicket?> RetrieveAsync(string key)
    {
        byte[]? kept = await db.QueryFirstAsync(ReadSql, row => row.GetFieldValue<byte[]>(0), CancellationToken.None, Id(key), time.GetUtcNow());
        return kept is null || Unprotect(kept) is not { } ticket ? null
            : refresh.IsDue(ticket) ? await RefreshAsync(key)
            : ticket;
    }

    /// <inheritdoc />
    public Task RemoveAsync(string key) => db.ExecuteAsync(EndSql, CancellationToken.None, Id(key), time.GetUtcNow());

    private async Task<AuthenticationTicket?> RefreshAsync(string key)
    {
        await using NpgsqlConnection connection = await db.OpenConnectionAsync();
        await using NpgsqlTransaction turn = await connection.BeginTransactionAsync();
        await using NpgsqlCommand take = connection.Sql(LockSql, Id(key), time.GetUtcNow());
        if ((await take.ReadAllAsync(row => row.GetFieldValue<byte[]>(0), CancellationToken.None)).FirstOrDefault() is not { } kept || Unprotect(kept) is not { } ticket)
        {
            return null;
        }
        if (!refresh.IsDue(ticket))
        {
            return ticket;
        }
        (RefreshOutcome outcome, AuthenticationTicket fresh) = await refresh.RunAsync(ticket);
        if (outcome == RefreshOutcome.Ended)
        {
            await using NpgsqlCommand end = connection.Sql(EndSql, Id(key), time.GetUtcNow());
            await end.ExecuteNonQueryAsync();
        }
        else if (outcome == RefreshOutcome.Renewed)
        {
            await using NpgsqlCommand keep = connection.Sql(KeepSql, Id(key), Protect(fresh), time.GetUtcNow() + Longest);
            await keep.ExecuteNonQueryAsync();
        }
        await turn.CommitAsync();
        return outcome == RefreshOutcome.Ended ? null : fresh;
    }

    private static byte[] Id(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private byte[] Protect(AuthenticationTicket ticket) => _protector.Protect(TicketSerializer.Default.Serialize(ticket));

    private AuthenticationTicket? Unprotect(byte[] kept)
    {
        try
        {
            return TicketSerializer.Default.Deserialize(_protector.Unprotect(kept));
        }
        catch (CryptographicException)
        {
            return null; // of keys that are gone: nobody's session any more
        }
    }
}
