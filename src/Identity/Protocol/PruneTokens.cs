using OpenIddict.Abstractions;

namespace BookSaga.Identity.Protocol;

/// <summary>Deletes used and expired codes, refresh tokens and sessions, every hour.</summary>
internal sealed partial class PruneTokens(IServiceScopeFactory scopes, IdentitySettings settings, TimeProvider time, ILogger<PruneTokens> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                // A used refresh token is kept as long as it could have been valid: its second use ends the session.
                DateTimeOffset before = time.GetUtcNow() - settings.Realm.SessionIdle;
                await using AsyncServiceScope scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<IOpenIddictTokenManager>().PruneAsync(before, stoppingToken);
                await scope.ServiceProvider.GetRequiredService<IOpenIddictAuthorizationManager>().PruneAsync(before, stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Another replica may be deleting the same rows; the next hour is soon enough.
                LogFailed(e.Message);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Old tokens not deleted this time: {Reason}")]
    private partial void LogFailed(string reason);
}
