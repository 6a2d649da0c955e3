using System.Diagnostics.Metrics;
using BookSaga.Hosting.Data;
using Microsoft.Extensions.DependencyInjection;

namespace BookSaga.Payment.Tests;

/// <summary>What the alert LedgerUnsealed lives on, when nothing can be sealed, and when the database is away.</summary>
public sealed class LedgerMetricsTests(LedgerMetricsTests.World world) : IClassFixture<LedgerMetricsTests.World>
{
    [Fact]
    public async Task What_cannot_be_sealed_grows_older_and_nothing_is_told_of_a_database_that_is_away()
    {
        await world.Database.Db.ExecuteAsync("ALTER TABLE block ADD CHECK (number < 0)", default);
        await world.ClientAsync(1m);
        await Until.TrueAsync(() => Shown() is [> 0.5]);

        await world.Database.TakeDownAsync();
        await Until.TrueAsync(() => Shown() is []);

        await world.Database.RestoreAsync();
        await Until.TrueAsync(() => Shown() is [> 0.5]);
    }

    // Of this service alone: /metrics has the meters of all services of the process.
    private double[] Shown()
    {
        Meter meter = world.Service.Services.GetRequiredService<IMeterFactory>().Create("BookSaga.Payment");
        List<double> values = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, all) =>
            {
                if (instrument.Meter == meter && instrument.Name == "booksaga.ledger.oldest_unsealed")
                {
                    all.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => values.Add(value));
        listener.Start();
        listener.RecordObservableInstruments();
        return [.. values];
    }

    /// <summary>A payment service that seals all the time.</summary>
    public sealed class World : PaymentWorld
    {
        protected override Dictionary<string, string> Settings => new() { ["Ledger:SealInterval"] = "00:00:00.05" };
    }
}
