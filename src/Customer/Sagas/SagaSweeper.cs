using BookSaga.Hosting.Data;
using Microsoft.Extensions.Options;

namespace BookSaga.Customer.Sagas;

/// <summary>
/// Recovery: every replica takes sagas whose lease has ended and drives them. No leader, no session locks. What begins after a look has a whole lease ahead, so the
/// next look comes when the first lease ends, or after one, or when it is called.
/// </summary>
internal sealed partial class SagaSweeper(IEnumerable<IRecoverable> sagas, SweepCall call, IOptions<SagaOptions> options, Migrator migrator, TimeProvider time, ILogger<SagaSweeper> logger)
    : BackgroundService
{
    // Long enough for a healthy saga to end, short enough for any orchestrator's grace period.
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(5);
    private readonly HashSet<Task> _drives = [];

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Task.WhenAny(Task.WhenAll(sagas.SelectMany(saga => saga.Driving)), Task.Delay(DrainLimit, time, CancellationToken.None));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migrator.Completion.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            TimeSpan next = options.Value.Lease;
            foreach (IRecoverable saga in sagas)
            {
                TimeSpan due = await SweepAsync(saga, stoppingToken);
                next = due < next ? due : next;
            }
            await call.WaitAsync(next > options.Value.SweepInterval ? next : options.Value.SweepInterval, stoppingToken);
        }
    }

    // No failure ends recovery: not a database that is away, not a name that does not resolve, not a defect in one kind of saga.
    private async Task<TimeSpan> SweepAsync(IRecoverable saga, CancellationToken stoppingToken)
    {
        try
        {
            _drives.RemoveWhere(drive => drive.IsCompleted);
            int room = options.Value.SweepConcurrency - _drives.Count;
            if (room > 0)
            {
                _drives.UnionWith(await saga.RecoverAsync(room, stoppingToken));
            }
            return await saga.UntilDueAsync(stoppingToken) ?? options.Value.Lease;
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            LogUnreachable(e.Message);
            return TimeSpan.Zero;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The sweep could not look for due sagas: {Reason}")]
    private partial void LogUnreachable(string reason);
}
