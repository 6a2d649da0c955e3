using System.Collections.Concurrent;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Events.Broker;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace BookSaga.Hosting.Events;

/// <summary>
/// Events that leave this service. A business statement inserts into the table <c>outbox</c> (<c>destination, type, payload</c>)
/// in its own commit; each destination's relay delivers, and a signal spares it the wait for its next poll.
/// </summary>
public sealed class Outbox(NpgsqlDataSource db, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _signals = new();

    /// <summary>Tells the relay of <paramref name="destination"/> that a commit has added events. Cheap; may be called too often.</summary>
    public void Signal(string destination)
    {
        SemaphoreSlim signal = SignalOf(destination);
        try
        {
            // Most signals of a busy service find it awake; the exception is for two at once.
            if (signal.CurrentCount == 0)
            {
                signal.Release();
            }
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    /// <summary>
    /// Waits until every event for <paramref name="destination"/> that existed at the call was delivered or refused, or until
    /// <paramref name="limit"/> has passed. A refused event waits for its next try and holds up nobody.
    /// </summary>
    /// <returns>Whether all were tried.</returns>
    public async Task<bool> DeliveredAsync(string destination, TimeSpan limit, CancellationToken ct)
    {
        long last = await db.QueryFirstAsync("SELECT coalesce(max(id), 0) FROM outbox WHERE destination = $1", row => row.GetInt64(0), ct, destination);
        Signal(destination);
        long start = time.GetTimestamp();
        while (await db.QueryFirstAsync("SELECT EXISTS (SELECT FROM outbox WHERE destination = $1 AND id <= $2 AND attempts = 0)", row => row.GetBoolean(0), ct, destination, last))
        {
            if (time.GetElapsedTime(start) > limit)
            {
                return false;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(10), time, ct);
        }
        return true;
    }

    /// <summary>Waits for <see cref="Signal"/>, at most <paramref name="limit"/>, and gives whether it came.</summary>
    internal Task<bool> WaitAsync(string destination, TimeSpan limit, CancellationToken ct) => SignalOf(destination).WaitAsync(limit, ct);

    private SemaphoreSlim SignalOf(string destination) => _signals.GetOrAdd(destination, static _ => new SemaphoreSlim(0, 1));
}

/// <summary>Where events go.</summary>
/// <param name="Service">A service with a setting <c>Services:{name}</c>, or one that is reached through the broker.</param>
public sealed record OutboxDestination(string Service)
{
    /// <summary>How long the relay lets events gather for which nobody waits, so that many travel, are stored and are deleted by one commit each. Zero: not at all.</summary>
    public TimeSpan Gather { get; init; }
}

/// <summary>Registers the outbox and its relay.</summary>
public static class OutboxSetup
{
    private const string GaugeSql = """
        SELECT d, count(o.id)::float8, coalesce(extract(epoch FROM now() - min(o.created_at)), 0)::float8
        FROM unnest($1) AS d LEFT JOIN outbox o ON o.destination = d GROUP BY d
        """;

    private static readonly DatabaseGauge[] Gauges =
    [
        new DatabaseGauge("booksaga.outbox.waiting", "{event}", "Events not delivered yet."),
        new DatabaseGauge("booksaga.outbox.oldest", "s", "Age of the oldest event not delivered yet."),
    ];

    /// <summary>Opens the outbox to operators' questions, on the internal port.</summary>
    public static void MapOutboxQueues(this WebApplication app) => app.MapGrpcService<OutboxQueues>().RequireAuthorization(TokenCheck.InternalPolicy);

    /// <summary>Adds the table, and a relay for each destination.</summary>
    public static void AddOutbox(this WebApplicationBuilder builder, params OutboxDestination[] destinations)
    {
        ArgumentNullException.ThrowIfNull(destinations);
        bool broker = builder.AddEventTransport();
        foreach (string script in (string[])["0000_outbox.sql", "0000_outbox_plain.sql", "0000_outbox_steps.sql", "0000_outbox_places.sql"])
        {
            builder.Services.AddSingleton(new SharedMigration(script));
        }
        builder.Services.AddSingleton<Outbox>();
        builder.Services.AddDatabaseGauges("destination", GaugeSql, [destinations.Select(d => d.Service).ToArray()], Gauges);
        foreach (OutboxDestination destination in destinations)
        {
            builder.Services.AddKeyedSingleton<EventTransport>(destination.Service, (services, _) => broker
                ? ActivatorUtilities.CreateInstance<BrokerTransport>(services, destination.Service)
                : new DirectTransport(InternalCalls.AddressesOf(builder, destination.Service), services.GetRequiredService<ServiceTokens>()));
            // Not AddHostedService, which takes a second relay for a repetition of the first.
            builder.Services.AddSingleton<IHostedService>(services => ActivatorUtilities.CreateInstance<OutboxRelay>(
                services, destination, services.GetRequiredKeyedService<EventTransport>(destination.Service)));
        }
    }
}
