using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;

namespace BookSaga.Load;

/// <summary>
/// One HTTP/1.1 connection that sends ready-made requests, one after the other. It does the least that counts as a client, because it
/// runs on the machine that it measures.
/// </summary>
internal sealed class HttpLine(int port) : IDisposable
{
    private byte[] _buffer = new byte[32 * 1024];
    private Socket? _socket;

    /// <summary>The body of the last answer, while no other request was sent; chunk marks included where it came in chunks.</summary>
    internal ReadOnlyMemory<byte> Body { get; private set; }

    /// <summary>Whether the last answer had <c>Retry-After</c>.</summary>
    internal bool RetryAfter { get; private set; }

    public void Dispose() => _socket?.Dispose();

    /// <summary>Sends and gives the status once the whole answer is there; 0 when none came.</summary>
    internal async ValueTask<int> SendAsync(ReadOnlyMemory<byte> request)
    {
        try
        {
            if (_socket is null)
            {
                _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await _socket.ConnectAsync(IPAddress.Loopback, port);
            }
            await _socket.SendAsync(request);
            return await ReceiveAsync(_socket);
        }
        catch (SocketException)
        {
            Close();
            return 0;
        }
    }

    private async ValueTask<int> ReceiveAsync(Socket socket)
    {
        int received = 0;
        int head = 0;
        while (true)
        {
            if (received == _buffer.Length)
            {
                Array.Resize(ref _buffer, _buffer.Length * 2);
            }
            int count = await socket.ReceiveAsync(_buffer.AsMemory(received));
            if (count == 0)
            {
                Close();
                return 0;
            }
            received += count;
            if (head == 0 && _buffer.AsSpan(0, received).IndexOf("\r\n\r\n"u8) is >= 0 and int end)
            {
                head = end + 4;
            }
            if (head > 0 && IsWhole(head, received))
            {
                return Finish(head, received);
            }
        }
    }

    private bool IsWhole(int head, int received)
    {
        ReadOnlySpan<byte> body = _buffer.AsSpan(head, received - head);
        if (Header(head, "Content-Length: "u8) is { IsEmpty: false } length)
        {
            _ = Utf8Parser.TryParse(length, out int bytes, out _);
            return body.Length >= bytes;
        }
        return Header(head, "Transfer-Encoding: "u8).IsEmpty || IsLastChunk(body);
    }

    private static bool IsLastChunk(ReadOnlySpan<byte> body)
    {
        while (body.IndexOf("\r\n"u8) is >= 0 and int line && Utf8Parser.TryParse(body[..line], out int size, out _, 'x'))
        {
            if (size == 0)
            {
                return body.Length >= line + 4;
            }
            if (body.Length < line + 4 + size)
            {
                return false;
            }
            body = body[(line + 4 + size)..];
        }
        return false;
    }

    private int Finish(int head, int received)
    {
        Body = _buffer.AsMemory(head, received - head);
        RetryAfter = !Header(head, "Retry-After: "u8).IsEmpty;
        _ = Utf8Parser.TryParse(_buffer.AsSpan(9, 3), out int status, out _);
        if (Header(head, "Connection: close"u8).Length > 0)
        {
            Close();
        }
        return status;
    }

    // From the header's value to the end of the head; empty where there is none. Kestrel writes names in this case.
    private ReadOnlySpan<byte> Header(int head, ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> all = _buffer.AsSpan(0, head);
        int at = all.IndexOf(name);
        return at < 0 ? [] : all[(at + name.Length)..];
    }

    private void Close()
    {
        _socket?.Dispose();
        _socket = null;
    }
}
