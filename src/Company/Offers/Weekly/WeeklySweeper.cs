using BookSaga.Hosting.Data;
using Microsoft.Extensions.Options;

namespace BookSaga.Company.Offers.Weekly;

/// <summary>Recovery of batches whose driver has gone.</summary>
internal sealed class WeeklySweeper(WeeklyStore store, WeeklyRun run, IOptions<WeeklyOptions> options, Migrator migrator, TimeProvider time, ILogger<WeeklySweeper> logger)
    : Sweeper<WeeklyBatch>(options.Value.SweepInterval, store.ClaimAsync, run.DriveAsync, migrator, time, logger);
