using System.Reflection;
using DbUp;
using DbUp.Engine;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BookSaga.Hosting.Data;

/// <summary>
/// Brings the database to this version: forward only, one replica at a time, again and again until the database answers.
/// The process serves 503 until then, so a database that is down at start needs no restart of the service.
/// </summary>
public sealed partial class Migrator : BackgroundService
{
    // Any number, the same in every replica: pg_advisory_lock needs one.
    private const long LockKey = 0x626F6F6B73616761;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly string _connectionString;
    private readonly Assembly _migrations;
    private readonly HashSet<string> _shared;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Migrator(string connectionString, Assembly migrations, IEnumerable<SharedMigration> shared, ILogger<Migrator> logger, TimeProvider time)
    {
        _connectionString = connectionString;
        _migrations = migrations;
        _shared = [.. shared.Select(s => s.File)];
        _logger = logger;
        _time = time;
    }

    /// <summary>Whether the database is at this version.</summary>
    public bool Done => _done.Task.IsCompletedSuccessfully;

    /// <summary>Completes when the database is at this version; background work waits for it.</summary>
    public Task Completion => _done.Task;

    /// <summary>Why it is not done yet, where that is known.</summary>
    internal string? Waiting { get; private set; }

    /// <summary>The same outside a running host: returns when the database is at this version.</summary>
    internal Task RunOnceAsync(CancellationToken ct) => ExecuteAsync(ct);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await MigrateAsync(stoppingToken);
                _done.TrySetResult();
                return;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                if (Waiting != e.Message)
                {
                    LogWaiting(e.Message);
                }
                Waiting = e.Message;
                await Task.Delay(RetryAfter, _time, stoppingToken);
            }
        }
    }

    private async Task MigrateAsync(CancellationToken ct)
    {
        await using var guard = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_connectionString) { Pooling = false }.ConnectionString);
        await guard.OpenAsync(ct);
        // For a transaction, not for a session: behind a pooler a session's lock would outlive this connection.
        await using NpgsqlTransaction turn = await guard.BeginTransactionAsync(ct);
        await using (var take = new NpgsqlCommand("SELECT pg_advisory_xact_lock($1)", guard) { Parameters = { new() { Value = LockKey } }, CommandTimeout = 0 })
        {
            await take.ExecuteNonQueryAsync(ct);
        }
        // The library blocks its thread, and this one may be the thread that serves all sockets.
        DatabaseUpgradeResult result = await Task.Run(Upgrade, ct);
        if (!result.Successful)
        {
            throw new InvalidOperationException($"Migration {result.ErrorScript?.Name} failed: {result.Error.Message}", result.Error);
        }
        foreach (SqlScript script in result.Scripts)
        {
            LogApplied(script.Name);
        }

        DatabaseUpgradeResult Upgrade() => DeployChanges.To
            .PostgresqlDatabase(_connectionString)
            .WithScriptsEmbeddedInAssembly(typeof(Migrator).Assembly, _shared.Contains)
            .WithScriptsEmbeddedInAssembly(_migrations, name => name.EndsWith(".sql", StringComparison.Ordinal))
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .WithExecutionTimeout(TimeSpan.Zero) // none: a large table takes its time
            .LogToNowhere()
            .Build()
            .PerformUpgrade();
    }

    [LoggerMessage(1, LogLevel.Information, "Migration {Script} applied")]
    private partial void LogApplied(string script);

    [LoggerMessage(2, LogLevel.Warning, "Not migrated yet, trying again every second: {Reason}")]
    private partial void LogWaiting(string reason);
}
