using System.Diagnostics;
using BookSaga.Contracts;
using BookSaga.Contracts.Events;
using BookSaga.Hosting.Data;
using Npgsql;
using NpgsqlTypes;

namespace BookSaga.Hosting.Events;

/// <summary>An event that follows from another.</summary>
/// <param name="Destination">The service that it is for.</param>
/// <param name="Type">Its wire name.</param>
/// <param name="Payload">Its JSON.</param>
public sealed record FollowingEvent(string Destination, string Type, string Payload)
{
    /// <summary>With <paramref name="payload"/> as its JSON.</summary>
    public static FollowingEvent Of<T>(string destination, string type, T payload) => new(destination, type, Json.Write(payload));
}

/// <summary>
/// A consumer whose effect and the events that follow from it are one commit; events that arrive together share it. A repeat gets the
/// recorded outcome and the events again, which is how a chain that was cut goes on.
/// </summary>
/// <param name="type">The wire name it takes.</param>
/// <param name="connections">To the service's database.</param>
/// <param name="outbox">Where what follows is put.</param>
/// <param name="run">Records the effect of a batch in the open transaction and gives what follows from each item.</param>
public sealed class EventStep<TPayload>(
    string type, StepConnections connections, Outbox outbox, Func<NpgsqlConnection, IReadOnlyList<TPayload>, Task<IReadOnlyList<FollowingEvent>>> run) : IEventHandler
{
    private const string InsertSql = "INSERT INTO outbox (destination, type, payload) SELECT * FROM unnest($1, $2, $3)";
    private readonly Batcher<TPayload, FollowingEvent> _batches = new(items => CommitAsync(connections, outbox, run, items), isolate: static e => e is PostgresException or UnreachableException);

    /// <inheritdoc />
    public string Type => type;

    /// <inheritdoc />
    public Task HandleAsync(Event received, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(received);
        return _batches.RunAsync(Json.Read<TPayload>(received.PayloadJson));
    }

    private static async Task<IReadOnlyList<FollowingEvent>> CommitAsync(
        StepConnections connections, Outbox outbox, Func<NpgsqlConnection, IReadOnlyList<TPayload>, Task<IReadOnlyList<FollowingEvent>>> run, IReadOnlyList<TPayload> items)
    {
        IReadOnlyList<FollowingEvent> following = await connections.RunAsync(async connection =>
        {
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
            IReadOnlyList<FollowingEvent> following = await run(connection, items);
            await using NpgsqlCommand insert = connection.Sql(
                InsertSql,
                following.Select(e => e.Destination).ToArray(),
                following.Select(e => e.Type).ToArray(),
                new NpgsqlParameter { Value = following.Select(e => e.Payload).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Json });
            _ = await insert.StepAsync(static _ => 0);
            await transaction.CommitAsync();
            return following;
        });
        foreach (string destination in following.Select(e => e.Destination).Distinct())
        {
            outbox.Signal(destination);
        }
        return following;
    }
}
