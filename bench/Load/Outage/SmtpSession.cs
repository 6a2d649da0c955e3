using System.Net.Sockets;
using System.Text;

namespace BookSaga.Load.Outage;

/// <summary>One connection to the sink. It reads a mail whole and parses none: it must cost less than what it measures.</summary>
internal sealed class SmtpSession(SmtpSink sink, Socket socket)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    internal async Task RunAsync(CancellationToken ct)
    {
        await SayAsync("220 sink", ct);
        while (await ReadAsync("\r\n"u8.ToArray(), ct) is { Length: > 0 } line)
        {
            string verb = Encoding.ASCII.GetString(line.Span[..Math.Min(4, line.Length)]).ToUpperInvariant();
            if (verb == "DATA")
            {
                await SayAsync("354 go on", ct);
                if (sink.Mood == Mood.Closing)
                {
                    _ = await socket.ReceiveAsync(_buffer.AsMemory(0, 1024), ct);
                    return;
                }
                ReadOnlyMemory<byte> mail = await ReadAsync("\r\n.\r\n"u8.ToArray(), ct);
                if (mail.IsEmpty)
                {
                    return;
                }
                if (sink.Work > TimeSpan.Zero)
                {
                    await Task.Delay(sink.Work, ct);
                }
                await SayAsync(sink.Take(mail.Span), ct);
                continue;
            }
            await SayAsync(verb switch
            {
                "EHLO" => "250-sink\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 PIPELINING",
                "MAIL" or "RCPT" or "RSET" or "NOOP" => "250 2.0.0 ok",
                "QUIT" => "221 2.0.0 bye",
                _ => "500 5.5.1 unknown",
            }, ct);
            if (verb == "QUIT")
            {
                return;
            }
        }
    }

    // Until the mark, the mark included; nothing when the other side has gone. Valid until the next call.
    private async Task<ReadOnlyMemory<byte>> ReadAsync(byte[] mark, CancellationToken ct)
    {
        int searched = 0;
        while (true)
        {
            int at = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf(mark);
            if (at >= 0)
            {
                int length = searched + at + mark.Length;
                _start += length;
                return _buffer.AsMemory(_start - length, length);
            }
            searched = Math.Max(0, _end - _start - mark.Length + 1);
            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }
            if (_end == _buffer.Length)
            {
                Array.Resize(ref _buffer, _buffer.Length * 2);
            }
            int received = await socket.ReceiveAsync(_buffer.AsMemory(_end), ct);
            if (received == 0)
            {
                return default;
            }
            _end += received;
        }
    }

    private async Task SayAsync(string answer, CancellationToken ct)
    {
        if (sink.Mood == Mood.Slow)
        {
            await Task.Delay(SmtpSink.Slowness, ct);
        }
        _ = await socket.SendAsync(Encoding.ASCII.GetBytes(answer + "\r\n"), ct);
    }
}
