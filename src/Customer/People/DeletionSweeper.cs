using BookSaga.Hosting.Data;
using Microsoft.Extensions.Options;

namespace BookSaga.Customer.People;

/// <summary>Recovery of deletions whose driver has gone.</summary>
internal sealed class DeletionSweeper(DeletionStore store, DeletionRun run, IOptions<DeletionOptions> options, Migrator migrator, TimeProvider time, ILogger<DeletionSweeper> logger)
    : Sweeper<Deletion>(options.Value.SweepInterval, store.ClaimAsync, run.DriveAsync, migrator, time, logger);
