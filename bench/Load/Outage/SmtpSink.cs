using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using BookSaga.Launcher;

namespace BookSaga.Load.Outage;

/// <summary>A mail that the sink took.</summary>
/// <param name="MessageId">Without brackets.</param>
/// <param name="At">A timestamp of <see cref="Stopwatch"/>.</param>
internal sealed record Arrival(string MessageId, long At);

/// <summary>An SMTP server on loopback that keeps no mail, only that it came, and is out of order on demand.</summary>
internal sealed class SmtpSink : IAsyncDisposable
{
    /// <summary>Before each answer of a slow server.</summary>
    internal static readonly TimeSpan Slowness = TimeSpan.FromSeconds(30);

    private const int MostSamples = 100;

    private readonly ConcurrentDictionary<Socket, byte> _connections = new();
    private readonly List<Arrival> _arrivals = [];
    private readonly HashSet<string> _distinct = [];
    private readonly List<byte[]> _samples = [];
    private readonly CancellationTokenSource _stop = new();
    private Socket? _listener;

    internal SmtpSink() => Set(Mood.Serving);

    internal int Port { get; } = FreePort.Take(new HashSet<int>());

    internal string Url => FormattableString.Invariant($"smtp://127.0.0.1:{Port}");

    internal Mood Mood { get; private set; }

    /// <summary>What it takes for each mail before it says that it has it.</summary>
    internal TimeSpan Work { get; set; }

    /// <summary>Mails that arrived, repeats included, in order.</summary>
    internal IReadOnlyList<Arrival> Arrivals
    {
        get
        {
            lock (_arrivals)
            {
                return [.. _arrivals];
            }
        }
    }

    /// <summary>Message-IDs that arrived.</summary>
    internal int Distinct
    {
        get
        {
            lock (_arrivals)
            {
                return _distinct.Count;
            }
        }
    }

    /// <summary>Some mails as they came.</summary>
    internal IReadOnlyList<byte[]> Samples => _samples;

    /// <summary>Behaves so from now on. What an answer already under way does to its connection stays.</summary>
    internal void Set(Mood mood)
    {
        Mood = mood;
        if (mood == Mood.Down)
        {
            _listener?.Dispose();
            _listener = null;
            foreach (Socket connection in _connections.Keys)
            {
                connection.Dispose();
            }
        }
        else if (_listener is null)
        {
            _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, Port));
            _listener.Listen();
            _ = AcceptAsync(_listener);
        }
    }

    /// <summary>A mail has come whole: the answer to it.</summary>
    internal string Take(ReadOnlySpan<byte> mail)
    {
        if (Mood == Mood.Rejecting)
        {
            return "451 4.3.0 try again later";
        }
        string id = MessageId(mail);
        lock (_arrivals)
        {
            _arrivals.Add(new Arrival(id, Stopwatch.GetTimestamp()));
            _ = _distinct.Add(id);
            if (_samples.Count < MostSamples)
            {
                _samples.Add(mail.ToArray());
            }
        }
        return "250 2.0.0 taken";
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Set(Mood.Down);
        _stop.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                Socket connection = await listener.AcceptAsync();
                _ = ServeAsync(connection);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Down.
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        using (connection)
        {
            _connections[connection] = 0;
            try
            {
                connection.NoDelay = true;
                await new SmtpSession(this, connection).RunAsync(_stop.Token);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // The other side went, or this one did.
            }
            _ = _connections.TryRemove(connection, out _);
        }
    }

    private static string MessageId(ReadOnlySpan<byte> mail)
    {
        ReadOnlySpan<byte> rest = mail[(mail.IndexOf("\r\nMessage-Id: <"u8) + "\r\nMessage-Id: <"u8.Length)..];
        return System.Text.Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)'>')]);
    }
}
