using BookSaga.Hosting.Data;
using BookSaga.Identity.Keys;
using BookSaga.Identity.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace BookSaga.Identity.Realm;

/// <summary>
/// Brings keys, clients and service accounts into the migrated database: what the realm file says now, so a changed redirect
/// URI or secret holds from the next start. One replica at a time; again every second until it is through.
/// </summary>
internal sealed partial class RealmImport(Migrator migrator, KeyRing keys, IdentitySettings settings, NpgsqlDataSource db, IServiceScopeFactory scopes, TimeProvider time, ILogger<RealmImport> logger)
    : BackgroundService, IHealthCheck
{
    // Any number but the migrator's, the same in every replica.
    private const long LockKey = 0x626F6F6B7265616C;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private volatile bool _done;

    /// <summary>Whether the server can answer.</summary>
    public bool Done => _done;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Done ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("the realm is not imported yet"));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        await migrator.Completion.WaitAsync(stoppingToken);
        while (!Done)
        {
            try
            {
                await ImportAsync(stoppingToken);
                _done = true;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogWaiting(e.Message);
                await Task.Delay(RetryAfter, time, stoppingToken);
            }
        }
    }

    private async Task ImportAsync(CancellationToken ct)
    {
        await using NpgsqlConnection guard = await db.OpenConnectionAsync(ct);
        await using NpgsqlTransaction held = await guard.BeginTransactionAsync(ct);
        await using (NpgsqlCommand take = guard.Sql("SELECT pg_advisory_xact_lock($1)", LockKey))
        {
            await take.ExecuteNonQueryAsync(ct);
        }
        await keys.LoadAsync(ct);
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        IOpenIddictApplicationManager clients = scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>();
        foreach (RealmClient client in settings.Realm.Clients)
        {
            await ImportClientAsync(clients, client, ct);
        }
        await RemoveOthersAsync(clients, ct);
        await ImportAccountsAsync(scope.ServiceProvider.GetRequiredService<IdentityDb>(), ct);
        if (settings.Operator is { } account)
        {
            await ImportOperatorAsync(scope.ServiceProvider.GetRequiredService<UserManager<User>>(), account);
        }
        LogImported(settings.Realm.Name, settings.Realm.Clients.Length);
    }

    private static async Task ImportClientAsync(IOpenIddictApplicationManager clients, RealmClient client, CancellationToken ct)
    {
        OpenIddictApplicationDescriptor descriptor = Describe(client);
        if (await clients.FindByClientIdAsync(client.Id, ct) is not { } known)
        {
            await clients.CreateAsync(descriptor, ct);
            return;
        }
        await clients.UpdateAsync(known, descriptor, ct);
    }

    private static OpenIddictApplicationDescriptor Describe(RealmClient client)
    {
        var descriptor = new OpenIddictApplicationDescriptor
        {
            ClientId = client.Id,
            ClientSecret = client.Secret,
            ClientType = client.IsPublic ? ClientTypes.Public : ClientTypes.Confidential,
            ConsentType = ConsentTypes.Implicit,
            DisplayName = client.Name,
            Permissions = { Permissions.Endpoints.Token, Permissions.Endpoints.EndSession, Permissions.Endpoints.Revocation },
        };
        descriptor.RedirectUris.UnionWith(client.RedirectUris.Select(uri => new Uri(uri)));
        descriptor.PostLogoutRedirectUris.UnionWith(client.PostLogoutRedirectUris.Select(uri => new Uri(uri)));
        if (client.Code)
        {
            descriptor.Permissions.UnionWith([Permissions.Endpoints.Authorization, Permissions.GrantTypes.AuthorizationCode, Permissions.ResponseTypes.Code]);
        }
        if (client.Password)
        {
            descriptor.Permissions.Add(Permissions.GrantTypes.Password);
        }
        if (client.Code || client.Password)
        {
            descriptor.Permissions.Add(Permissions.GrantTypes.RefreshToken);
        }
        if (client.ClientCredentials)
        {
            descriptor.Permissions.Add(Permissions.GrantTypes.ClientCredentials);
        }
        return descriptor;
    }

    // A client that the file no longer names must not get tokens any longer.
    private async Task RemoveOthersAsync(IOpenIddictApplicationManager clients, CancellationToken ct)
    {
        var others = new List<object>();
        await foreach (object client in clients.ListAsync(cancellationToken: ct))
        {
            string? id = await clients.GetClientIdAsync(client, ct);
            if (settings.Realm.Clients.All(c => c.Id != id))
            {
                others.Add(client);
            }
        }
        foreach (object client in others)
        {
            await clients.DeleteAsync(client, ct);
        }
    }

    private async Task ImportAccountsAsync(IdentityDb users, CancellationToken ct)
    {
        foreach (ServiceAccount account in settings.Realm.ServiceAccounts)
        {
            User? user = await users.Users.SingleOrDefaultAsync(u => u.ServiceClientId == account.ClientId, ct);
            if (user is null)
            {
                user = new User { Id = Guid.CreateVersion7(), ServiceClientId = account.ClientId, CreatedAt = time.GetUtcNow(), SecurityStamp = "" };
                users.Add(user);
            }
            (user.UserName, user.NormalizedUserName, user.RealmRoles, user.ClientRoles) = (account.UserName, account.UserName, account.RealmRoles, account.ClientRoles);
        }
        await users.SaveChangesAsync(ct);
    }

    private async Task ImportOperatorAsync(UserManager<User> users, OperatorAccount account)
    {
        User user = await users.FindByNameAsync(account.Email)
            ?? new User { Id = Guid.CreateVersion7(), UserName = account.Email, Email = account.Email, FirstName = "Operator", LastName = "BookSaga", CreatedAt = time.GetUtcNow() };
        user.RealmRoles = ["operator"];
        user.PasswordHash = users.PasswordHasher.HashPassword(user, account.Password);
        IdentityResult result = user.NormalizedUserName is null ? await users.CreateAsync(user) : await users.UpdateAsync(user);
        if (!result.Succeeded)
        {
            throw new InvalidOperationException("The operator's account: " + string.Join(" ", result.Errors.Select(e => e.Description)));
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Realm {Realm} imported: {Clients} clients")]
    private partial void LogImported(string realm, int clients);

    [LoggerMessage(2, LogLevel.Warning, "Realm not imported yet, trying again every second: {Reason}")]
    private partial void LogWaiting(string reason);
}
