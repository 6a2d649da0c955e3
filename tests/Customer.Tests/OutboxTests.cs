using System.Collections.Concurrent;
using BookSaga.Contracts.Events;
using BookSaga.Customer.Bookings;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Events;
using Microsoft.Extensions.DependencyInjection;

namespace BookSaga.Customer.Tests;

/// <summary>The relay against a destination that does what the test says.</summary>
public sealed class OutboxTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private readonly Destination _destination = new();
    private TestAuthority _authority = null!;
    private TestDatabase _database = null!;
    private TestService<BookingStore> _service = null!;

    public async ValueTask InitializeAsync()
    {
        _authority = await TestAuthority.StartAsync();
        _database = await TestDatabase.CreateAsync();
        _service = await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _database.DisposeAsync();
        await _authority.DisposeAsync();
    }

    [Fact]
    public async Task Every_event_is_delivered_once_by_two_replicas_when_nothing_fails()
    {
        await using TestService<BookingStore> second = await StartAsync();
        await AddAsync("t", 1000);

        (await Outbox.DeliveredAsync("notification", Limit, default)).ShouldBeTrue();

        _destination.Taken.Count.ShouldBe(1000);
        _destination.Taken.Distinct().Count().ShouldBe(1000);
    }

    [Theory]
    [InlineData(typeof(InvalidOperationException))]
    [InlineData(typeof(System.Net.Sockets.SocketException))]
    [InlineData(typeof(OperationCanceledException))]
    public async Task No_failure_of_the_transport_ends_the_relay(Type failure)
    {
        _destination.Failures.Enqueue((Exception)Activator.CreateInstance(failure)!);
        await AddAsync("t", 1);

        (await Outbox.DeliveredAsync("notification", Limit, default)).ShouldBeTrue();

        _destination.Taken.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_answer_that_does_not_cover_the_batch_acknowledges_nothing()
    {
        _destination.ShortAnswers = 1;
        await AddAsync("t", 3);

        (await Outbox.DeliveredAsync("notification", Limit, default)).ShouldBeTrue();

        _destination.Taken.Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public async Task An_event_whose_delivery_was_not_acknowledged_comes_again_under_the_same_id()
    {
        _destination.FailAfterTaking = 1;
        await AddAsync("t", 2);

        (await Outbox.DeliveredAsync("notification", Limit, default)).ShouldBeTrue();

        _destination.Taken.Count.ShouldBe(4);
        _destination.Taken.Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public async Task A_refused_event_stays_and_holds_up_neither_the_others_nor_who_waits_for_them()
    {
        await AddAsync("refused", 1);
        await AddAsync("t", 5);

        (await Outbox.DeliveredAsync("notification", TimeSpan.FromSeconds(2), default)).ShouldBeTrue();

        _destination.Taken.Count.ShouldBe(5);
        (await _database.Db.QueryFirstAsync("SELECT last_error FROM outbox", r => r.GetString(0), default)).ShouldBe("no");
        (await _database.Db.QueryFirstAsync("SELECT next_at > now() FROM outbox", r => r.GetBoolean(0), default)).ShouldBeTrue();
    }

    private Outbox Outbox => _service.Services.GetRequiredService<Outbox>();

    private Task<int> AddAsync(string type, int count) => _database.Db.ExecuteAsync(
        "INSERT INTO outbox (destination, type, payload) SELECT 'notification', $1, '{}' FROM generate_series(1, $2)", default, type, count);

    private Task<TestService<BookingStore>> StartAsync() => new TestService<BookingStore>(
        _authority,
        _database.Url,
        new()
        {
            ["Services:booking"] = "http://127.0.0.1:9",
            ["Services:payment"] = "http://127.0.0.1:9",
            ["Services:notification"] = "http://127.0.0.1:9",
        },
        services => services.AddKeyedSingleton<EventTransport>("notification", _destination)).StartAsync();

    private sealed class Destination : EventTransport
    {
        internal ConcurrentQueue<string> Taken { get; } = new();

        internal ConcurrentQueue<Exception> Failures { get; } = new();

        internal int ShortAnswers { get; set; }

        internal int FailAfterTaking { get; set; }

        public override Task<IReadOnlyList<string>> DeliverAsync(EventBatch batch, CancellationToken ct)
        {
            if (Failures.TryDequeue(out Exception? failure))
            {
                throw failure;
            }
            string[] errors = [.. batch.Events.Select(e => e.Type == "refused" ? "no" : "")];
            foreach (Event taken in batch.Events.Where(e => e.Type != "refused"))
            {
                Taken.Enqueue(taken.Id);
            }
            if (FailAfterTaking-- > 0)
            {
                throw new TimeoutException();
            }
            return Task.FromResult<IReadOnlyList<string>>(ShortAnswers-- > 0 ? errors[1..] : errors);
        }
    }
}
