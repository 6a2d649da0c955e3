using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MimeKit;

namespace BookSaga.Notification.Tests;

/// <summary>A mail as the server took it.</summary>
internal sealed record Received(string From, IReadOnlyList<string> Recipients, MimeMessage Message, string Raw);

/// <summary>What the server does with the next command, where it is told to misbehave.</summary>
internal enum Mood
{
    Serve,
    Stall,
    Close,
}

/// <summary>A small SMTP server on loopback that misbehaves on request: it refuses, stalls, or closes in the middle of a mail.</summary>
internal sealed class MailServer : IAsyncDisposable
{
    private readonly ConcurrentQueue<Received> _received = [];
    private readonly ConcurrentDictionary<int, TcpClient> _connections = [];
    private readonly CancellationTokenSource _stop = new();
    private TcpListener? _listener;
    private int _accepted;

    public int Port { get; } = FreePort.Next();

    public IReadOnlyList<Received> Mails => [.. _received];

    /// <summary>Connections so far.</summary>
    public int Connections => _accepted;

    /// <summary>Lines after EHLO, beside the name.</summary>
    public List<string> Extensions { get; } = ["8BITMIME", "PIPELINING"];

    /// <summary>The answer to RCPT TO for an address; 250 unless told.</summary>
    public Func<string, string> Recipient { get; set; } = _ => "250 ok";

    /// <summary>The answer to MAIL FROM.</summary>
    public string Sender { get; set; } = "250 ok";

    /// <summary>What happens when the end of a mail has arrived, before the answer.</summary>
    public Func<Received, Task<string>> End { get; set; } = _ => Task.FromResult("250 taken");

    /// <summary>What happens in the middle of a mail.</summary>
    public Func<int, Mood> Middle { get; set; } = _ => Mood.Serve;

    /// <summary>What happens at connection <c>n</c>, before the greeting.</summary>
    public Func<int, Mood> Greeting { get; set; } = _ => Mood.Serve;

    /// <summary>The user and password of AUTH PLAIN, where one came.</summary>
    public string? Login { get; private set; }

    /// <summary>Whether the last mail came over TLS.</summary>
    public bool Encrypted { get; private set; }

    public X509Certificate2? Certificate { get; set; }

    /// <summary>Ends all misbehaviour.</summary>
    public void Behave()
    {
        Sender = "250 ok";
        Recipient = _ => "250 ok";
        End = _ => Task.FromResult("250 taken");
        Middle = _ => Mood.Serve;
        Greeting = _ => Mood.Serve;
    }

    public void Start()
    {
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        _ = AcceptAsync(_listener, _stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener?.Dispose();
        foreach (TcpClient client in _connections.Values)
        {
            client.Dispose();
        }
        _stop.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener, CancellationToken ct)
    {
        try
        {
            while (true)
            {
                TcpClient client = await listener.AcceptTcpClientAsync(ct);
                client.NoDelay = true;
                int number = Interlocked.Increment(ref _accepted);
                _connections[number] = client;
                _ = ServeAsync(client, number, ct);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(TcpClient client, int number, CancellationToken ct)
    {
        try
        {
            using (client)
            {
                if (await Behave(Greeting(number), ct))
                {
                    await new Session(this, client.GetStream(), number).RunAsync(ct);
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The other side went, or the test is over.
        }
        finally
        {
            _connections.TryRemove(number, out _);
        }
    }

    private static async Task<bool> Behave(Mood mood, CancellationToken ct)
    {
        if (mood == Mood.Stall)
        {
            await Task.Delay(Timeout.Infinite, ct);
        }
        return mood == Mood.Serve;
    }

    private sealed class Session(MailServer server, Stream stream, int number)
    {
        private readonly List<string> _recipients = [];
        private readonly byte[] _buffer = new byte[4096];
        private int _next;
        private int _end;
        private Stream _stream = stream;
        private string _from = "";

        public async Task RunAsync(CancellationToken ct)
        {
            await SayAsync("220 test", ct);
            while (await LineAsync(ct) is { } line)
            {
                string verb = line.Split(' ', ':')[0].ToUpperInvariant();
                if (verb == "DATA" && !await DataAsync(ct))
                {
                    return;
                }
                string? answer = verb switch
                {
                    "EHLO" => Ehlo(),
                    "STARTTLS" => "220 go on",
                    "AUTH" => Authenticate(line),
                    "MAIL" => From(line),
                    "RCPT" => To(line),
                    "DATA" => null,
                    "RSET" or "NOOP" => "250 ok",
                    "QUIT" => "221 bye",
                    _ => "500 unknown",
                };
                if (answer is not null)
                {
                    await SayAsync(answer, ct);
                }
                if (verb == "STARTTLS")
                {
                    var tls = new SslStream(_stream);
                    await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = server.Certificate }, ct);
                    _stream = tls;
                }
                else if (verb == "QUIT")
                {
                    return;
                }
            }
        }

        private string Ehlo()
        {
            string[] lines = ["test", .. server.Extensions.Where(e => e != "STARTTLS" || _stream is not SslStream)];
            return string.Join("\r\n", lines.Select((l, i) => $"250{(i == lines.Length - 1 ? ' ' : '-')}{l}"));
        }

        private string Authenticate(string line)
        {
            server.Login = Encoding.UTF8.GetString(Convert.FromBase64String(line.Split(' ')[2])).Replace('\0', '/');
            return "235 welcome";
        }

        private string From(string line)
        {
            _recipients.Clear();
            _from = Address(line);
            return server.Sender;
        }

        private string To(string line)
        {
            string address = Address(line);
            string answer = server.Recipient(address);
            if (answer[0] == '2')
            {
                _recipients.Add(address);
            }
            return answer;
        }

        private async Task<bool> DataAsync(CancellationToken ct)
        {
            if (_recipients.Count == 0)
            {
                await SayAsync("554 nobody to send it to", ct);
                return true;
            }
            await SayAsync("354 go on", ct);
            var raw = new StringBuilder();
            while (await LineAsync(ct) is { } line && line != ".")
            {
                if (raw.Length == 0 && !await Behave(server.Middle(number), ct))
                {
                    return false;
                }
                raw.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
            }
            using var bytes = new MemoryStream(Encoding.Latin1.GetBytes(raw.ToString()));
            server.Encrypted = _stream is SslStream;
            var mail = new Received(_from, [.. _recipients], await MimeMessage.LoadAsync(bytes, ct), raw.ToString());
            string answer = await server.End(mail);
            if (answer[0] == '2')
            {
                server._received.Enqueue(mail);
            }
            await SayAsync(answer, ct);
            return true;
        }

        private static string Address(string line) => line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)];

        private async Task SayAsync(string line, CancellationToken ct) => await _stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), ct);

        private async Task<string?> LineAsync(CancellationToken ct)
        {
            var line = new StringBuilder();
            while (true)
            {
                if (_next == _end)
                {
                    (_next, _end) = (0, await _stream.ReadAsync(_buffer, ct));
                    if (_end == 0)
                    {
                        return null;
                    }
                }
                char c = (char)_buffer[_next++];
                if (c == '\n')
                {
                    return line.ToString().TrimEnd('\r');
                }
                line.Append(c);
            }
        }
    }
}
