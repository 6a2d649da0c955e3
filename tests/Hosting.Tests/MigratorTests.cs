using BookSaga.Hosting.Data;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace BookSaga.Hosting.Tests;

public sealed class MigratorTests
{
    [Fact]
    public async Task A_migration_takes_as_long_as_it_takes()
    {
        await using TestDatabase database = await TestDatabase.CreateAsync();
        await using NpgsqlConnection other = await database.Db.OpenConnectionAsync();
        await using NpgsqlTransaction held = await other.BeginTransactionAsync();
        await using NpgsqlCommand create = other.Sql("CREATE TABLE dead_letter ()"); // the migration waits for this name
        await create.ExecuteNonQueryAsync();
        string url = new NpgsqlConnectionStringBuilder(database.Url) { CommandTimeout = 1 }.ConnectionString;
        using var migrator = new Migrator(
            url, typeof(MigratorTests).Assembly, [new SharedMigration("0000_dead_letters.sql")], NullLogger<Migrator>.Instance, TimeProvider.System);

        Task migrated = migrator.RunOnceAsync(CancellationToken.None);
        await Task.Delay(TimeSpan.FromSeconds(4));
        migrator.Waiting.ShouldBeNull();
        migrated.IsCompleted.ShouldBeFalse();
        await held.RollbackAsync();

        await migrated.InTimeAsync();
        migrator.Waiting.ShouldBeNull();
    }
}
