using BookSaga.Contracts.Queues;
using BookSaga.Hosting.Data;

namespace BookSaga.Hosting.Tests.Events;

/// <summary>A sender and a receiver with a database each, joined by one of the transports.</summary>
internal sealed class Wire : IAsyncDisposable
{
    private readonly TestAuthority _authority;
    private readonly TestDatabase _receiverDb;
    private readonly List<Peer> _peers = [];
    private readonly int _grpcPort = FreePort.Next();

    private Wire(TestAuthority authority, TestDatabase senderDb, TestDatabase receiverDb, Dictionary<string, string> settings)
    {
        (_authority, SenderDb, _receiverDb, Settings) = (authority, senderDb, receiverDb, settings);
        Consumer = new(receiverDb);
    }

    internal TestDatabase SenderDb { get; }

    internal Dictionary<string, string> Settings { get; }

    internal Consumer Consumer { get; }

    /// <summary>With its databases and without processes.</summary>
    internal static async Task<Wire> CreateAsync(Servers servers, bool broker, TestBroker? other = null)
    {
        var wire = new Wire(servers.Authority, await TestDatabase.CreateAsync(), await TestDatabase.CreateAsync(), broker ? Broker(other ?? servers.Broker) : []);
        await Consumer.PrepareAsync(wire._receiverDb);
        wire.Settings["Services:receiver"] = $"http://127.0.0.1:{wire._grpcPort}";
        wire.Settings["Services:sender"] = "http://127.0.0.1:9";
        return wire;
    }

    /// <summary>With both processes.</summary>
    internal static async Task<Wire> OpenAsync(Servers servers, bool broker, TestBroker? other = null)
    {
        Wire wire = await CreateAsync(servers, broker, other);
        await wire.AddReceiverAsync();
        await wire.AddSenderAsync();
        return wire;
    }

    internal async Task<Peer> AddSenderAsync() => Keep(await Peer.StartAsync("sender", _authority, SenderDb, "receiver", Settings));

    /// <summary>One more; the address that the senders know belongs to whichever came first and is still there.</summary>
    internal async Task<Peer> AddReceiverAsync() => Keep(await Peer.StartAsync(
        "receiver", _authority, _receiverDb, "sender", Settings, Consumer, _peers.Exists(p => p.GrpcPort == _grpcPort) ? null : _grpcPort));

    /// <summary>The receiver's database takes no dead letter.</summary>
    internal Task HoldDeadLettersAsync() => _receiverDb.Db.ExecuteAsync("""
        CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''the disk is full'' USING ERRCODE = ''53100''; END';
        CREATE TRIGGER hold BEFORE INSERT ON dead_letter EXECUTE FUNCTION hold();
        """, default);

    internal async Task StopReceiversAsync()
    {
        foreach (Peer peer in _peers.Where(p => p.IsReceiver).ToArray())
        {
            await StopAsync(peer);
        }
    }

    internal async Task StopAsync(Peer peer)
    {
        _peers.Remove(peer);
        await peer.DisposeAsync();
    }

    /// <summary>Records events numbered from <paramref name="first"/>, each with a payload of this size, in one commit as a business change does.</summary>
    internal Task RecordAsync(int first, int count, string type = Consumer.Happened, int bytes = 0) => SenderDb.Db.ExecuteAsync("""
        INSERT INTO outbox (destination, type, payload)
        SELECT 'receiver', $1, jsonb_build_object('number', n, 'filler', repeat('x', $4)) FROM generate_series($2, $2 + $3 - 1) AS n ORDER BY n
        """, default, type, first, count, bytes);

    /// <summary>Waits until each of <paramref name="count"/> events has had its effect and none is under way.</summary>
    internal async Task ArrivedAsync(int count)
    {
        await Until.TrueAsync(async () => await EffectsAsync() >= count && await WaitingAsync() == 0);
        (await EffectsAsync()).ShouldBe(count);
        (await _receiverDb.Db.QueryFirstAsync("SELECT count(DISTINCT number) FROM effect", r => r.GetInt64(0), default)).ShouldBe(count);
    }

    internal Task<long> EffectsAsync() => _receiverDb.Db.QueryFirstAsync("SELECT count(*) FROM effect", r => r.GetInt64(0), default);

    /// <summary>Events in the sender's outbox.</summary>
    internal Task<long> WaitingAsync() => SenderDb.Db.QueryFirstAsync("SELECT count(*) FROM outbox", r => r.GetInt64(0), default);

    /// <summary>What operators see of both sides. Time is made to pass: what waits for another try is due.</summary>
    internal async Task<List<(Peer Peer, DeadLetter Letter)>> DeadLettersAsync()
    {
        await SenderDb.Db.ExecuteAsync("UPDATE outbox SET next_at = now() WHERE attempts BETWEEN 1 AND 4", default);
        var all = new List<(Peer, DeadLetter)>();
        foreach (Peer peer in _peers.DistinctBy(p => p.IsReceiver))
        {
            DeadLetterList list = await peer.Queues.DeadLettersAsync(new ListDeadLetters { Limit = 100 }, peer.Call);
            all.AddRange(list.Letters.Select(letter => (peer, letter)));
        }
        return all;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Peer peer in _peers)
        {
            await peer.DisposeAsync();
        }
        await SenderDb.DisposeAsync();
        await _receiverDb.DisposeAsync();
    }

    private static Dictionary<string, string> Broker(TestBroker broker) => new()
    {
        ["Events:Transport"] = "RabbitMq",
        ["Events:RabbitMq:Url"] = broker.Url,
        ["Events:RabbitMq:Prefix"] = $"t{Guid.NewGuid():N}",
        ["Events:RabbitMq:RetryDelay"] = "00:00:00.020",
        ["Events:RabbitMq:Timeout"] = "00:00:02",
    };

    private Peer Keep(Peer peer)
    {
        _peers.Add(peer);
        return peer;
    }
}
