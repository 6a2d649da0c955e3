using BookSaga.Hosting.Data;
using BookSaga.Identity.Realm;
using Microsoft.AspNetCore.Identity;
using Npgsql;

namespace BookSaga.Identity.Users;

/// <summary>E-mail and password, with the realm's lock after repeated failures.</summary>
internal sealed class PasswordCheck(UserManager<User> users, IPasswordHasher<User> hasher, NpgsqlDataSource db, RealmSettings realm, TimeProvider time)
{
    // Counted in one statement, so guesses at the same moment are all counted.
    private const string FailSql = """
        UPDATE users
        SET access_failed_count = CASE WHEN access_failed_count + 1 >= $2 THEN 0 ELSE access_failed_count + 1 END,
            lockout_end = CASE WHEN access_failed_count + 1 >= $2 THEN $3 ELSE lockout_end END
        WHERE id = $1
        """;

    // Changes nothing while the account is locked, also where the lock came while this password was being hashed.
    private const string SucceedSql = """
        UPDATE users SET access_failed_count = 0, lockout_end = NULL WHERE id = $1 AND (lockout_end IS NULL OR lockout_end <= $2)
        """;

    // Somebody unknown takes as long as somebody known: nobody learns by the clock who has an account.
    private static readonly string NobodysHash = new PasswordHasher<User>().HashPassword(new User(), Guid.NewGuid().ToString());

    /// <summary>The user, or null: unknown, wrong password, or locked; which of them is not told.</summary>
    public async Task<User?> VerifyAsync(string? email, string? password, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        User? user = string.IsNullOrEmpty(email) ? null : await users.FindByNameAsync(email.Trim());
        bool right = hasher.VerifyHashedPassword(user ?? new User(), user?.PasswordHash ?? NobodysHash, password ?? "") != PasswordVerificationResult.Failed;
        if (user?.PasswordHash is null || user.LockoutEnd > now)
        {
            return null;
        }
        if (right)
        {
            return await db.ExecuteAsync(SucceedSql, ct, user.Id, now) == 1 ? user : null;
        }
        if (realm.FailuresBeforeLock is { } limit)
        {
            await db.ExecuteAsync(FailSql, ct, user.Id, limit, now + realm.LockTime);
        }
        return null;
    }
}
