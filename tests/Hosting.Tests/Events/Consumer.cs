using System.Collections.Concurrent;
using BookSaga.Contracts.Events;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Events;

namespace BookSaga.Hosting.Tests.Events;

/// <summary>A consumer as ours are: one row for each event, whose key is the event's; it does before and after its commit what the test says.</summary>
internal sealed class Consumer(TestDatabase database) : IEventHandler
{
    private readonly Batcher<(Guid Id, int Number), bool> _store = new(items => StoreAsync(database, items));

    /// <summary>The wire name.</summary>
    internal const string Happened = "sender.happened.v1";

    public string Type => Happened;

    /// <summary>The numbers of all events, repeats included, in the order in which they came.</summary>
    internal ConcurrentQueue<int> Came { get; } = new();

    internal Func<int, Task> Before { get; set; } = static _ => Task.CompletedTask;

    internal Func<int, Task> After { get; set; } = static _ => Task.CompletedTask;

    public async Task HandleAsync(Event received, CancellationToken ct)
    {
        int number = Contracts.Json.Read<Payload>(received.PayloadJson).Number;
        Came.Enqueue(number);
        await Before(number);
        await _store.RunAsync((Guid.Parse(received.Id), number));
        await After(number);
    }

    internal static Task PrepareAsync(TestDatabase database) => database.Db.ExecuteAsync("CREATE TABLE IF NOT EXISTS effect (event_id uuid PRIMARY KEY, number int NOT NULL)", default);

    private static async Task<IReadOnlyList<bool>> StoreAsync(TestDatabase database, IReadOnlyList<(Guid Id, int Number)> items)
    {
        await database.Db.ExecuteAsync(
            "INSERT INTO effect SELECT * FROM unnest($1, $2) ON CONFLICT DO NOTHING", default, items.Select(i => i.Id).ToArray(), items.Select(i => i.Number).ToArray());
        return new bool[items.Count];
    }

    internal sealed record Payload(int Number);
}
