using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace BookSaga.Hosting.Data;

/// <summary>One number of each row that is read.</summary>
/// <param name="Name">The instrument, with dots.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Description">What it counts.</param>
public sealed record DatabaseGauge(string Name, string Unit, string Description);

/// <summary>
/// Gauges read from the service's database every five seconds, so each replica shows the same: take the maximum, not the sum. While the
/// database is away they show nothing.
/// </summary>
internal sealed class DatabaseGauges(
    string label, string sql, object[] args, DatabaseGauge[] gauges, NpgsqlDataSource db, Migrator migrator, IMeterFactory meters, TimeProvider time) : BackgroundService
{
    // Prometheus rarely asks more often.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private volatile List<(string Label, double[] Values)> _rows = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (int i = 0; i < gauges.Length; i++)
        {
            int index = i;
            meters.Create("BookSaga.Data").CreateObservableGauge(
                gauges[i].Name, () => _rows.Select(row => new Measurement<double>(row.Values[index], new KeyValuePair<string, object?>(label, row.Label))),
                gauges[i].Unit, gauges[i].Description);
        }
        await migrator.Completion.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                _rows = await db.QueryAsync(sql, row => (row.GetString(0), gauges.Select((_, i) => row.GetDouble(i + 1)).ToArray()), stoppingToken, args);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                _rows = [];
            }
            await Task.Delay(Interval, time, stoppingToken);
        }
    }
}

/// <summary>Registers gauges that are read from the service's database.</summary>
public static class DatabaseGaugesSetup
{
    /// <summary>Adds gauges; a service may call it several times.</summary>
    /// <param name="services">The service's parts.</param>
    /// <param name="label">The name of the label that tells rows apart.</param>
    /// <param name="sql">Gives the label and, for each gauge, a <c>float8</c>.</param>
    /// <param name="args">Its parameters.</param>
    /// <param name="gauges">One for each number.</param>
    public static void AddDatabaseGauges(this IServiceCollection services, string label, string sql, object[] args, params DatabaseGauge[] gauges) =>
        services.AddSingleton<IHostedService>(all => ActivatorUtilities.CreateInstance<DatabaseGauges>(all, label, sql, args, gauges));
}
