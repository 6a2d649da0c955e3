using BookSaga.Hosting.Data;
using Npgsql;

namespace BookSaga.Hosting.Tests;

public sealed class StepConnectionsTests : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private NpgsqlDataSource _pool = null!;
    private StepConnections _connections = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _pool = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_database.Url) { MaxPoolSize = 8, Timeout = 10 });
        _connections = new StepConnections(_pool);
    }

    public async ValueTask DisposeAsync()
    {
        await _connections.DisposeAsync();
        await _pool.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task One_after_the_other_is_served_by_one_process_though_there_are_more()
    {
        await ManyAtOnceAsync();
        var processes = new HashSet<int>();
        for (int i = 0; i < 10; i++)
        {
            processes.Add(await ProcessAsync());
        }
        processes.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_pool_gets_those_back_that_are_too_many()
    {
        await ManyAtOnceAsync();
        NpgsqlConnection[] others = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => _pool.OpenConnectionAsync().AsTask())); // six of eight
        others.Select(other => other.ProcessID).ShouldNotContain(await ProcessAsync());
        await Task.WhenAll(others.Select(other => other.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task A_pool_of_one_is_left_to_all()
    {
        await using var one = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_database.Url) { MaxPoolSize = 1, Timeout = 10 });
        await using var connections = new StepConnections(one);
        await connections.StepAsync("SELECT 1", row => row.GetInt32(0));
        await one.ExecuteAsync("SELECT 1", TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task After_a_failure_all_begin_anew()
    {
        await ManyAtOnceAsync();
        await _database.TakeDownAsync();
        await Should.ThrowAsync<NpgsqlException>(ProcessAsync);
        await _database.RestoreAsync();
        for (int i = 0; i < 4; i++)
        {
            await ProcessAsync(); // none of the others that rested
        }
    }

    [Fact]
    public async Task A_server_that_goes_away_while_a_step_undoes_its_transaction_concerns_no_other_step()
    {
        await _connections.RunAsync(async connection =>
        {
            await using NpgsqlTransaction undone = await connection.BeginTransactionAsync();
            await connection.Sql("SELECT 1").ExecuteNonQueryAsync();
            await _pool.ExecuteAsync("SELECT pg_terminate_backend($1)", default, connection.ProcessID);
            return true;
        });
        await ProcessAsync();
    }

    private async Task<int> ProcessAsync() => (await _connections.StepAsync("SELECT pg_backend_pid()", row => row.GetInt32(0)))[0];

    private async Task ManyAtOnceAsync() =>
        (await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _connections.StepAsync("SELECT pg_backend_pid() FROM pg_sleep(0.2)", row => row.GetInt32(0)))))
            .Select(rows => rows[0]).Distinct().Count().ShouldBe(4);
}
