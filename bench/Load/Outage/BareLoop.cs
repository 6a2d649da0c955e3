using System.Diagnostics;
using System.Net.Sockets;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace BookSaga.Load.Outage;

/// <summary>The same mails by MailKit alone, one after the other on each connection: the rate at which a server takes them from somebody who does nothing else.</summary>
internal static class BareLoop
{
    /// <summary>Mails a second.</summary>
    /// <param name="samples">Mails that the platform has sent.</param>
    /// <param name="connections">As many as the platform uses.</param>
    /// <param name="mails">How many are sent.</param>
    /// <param name="work">What the server takes for each.</param>
    internal static async Task<double> RunAsync(IReadOnlyList<byte[]> samples, int connections, int mails, TimeSpan work)
    {
        await using var sink = new SmtpSink { Work = work };
        int number = -1;
        await SendAsync(connections); // compilers
        number = -1;
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(() => SendAsync(mails))));
        return mails / Stopwatch.GetElapsedTime(start).TotalSeconds;

        async Task SendAsync(int end)
        {
            MimeMessage[] messages = [.. samples.Select(sample => MimeMessage.Load(new MemoryStream(sample)))];
            using var client = new SmtpClient();
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync("127.0.0.1", sink.Port);
            await client.ConnectAsync(socket, "127.0.0.1", sink.Port, SecureSocketOptions.None);
            while (Interlocked.Increment(ref number) is var next && next < end)
            {
                MimeMessage message = messages[next % messages.Length];
                message.MessageId = FormattableString.Invariant($"{next}@localhost");
                _ = await client.SendAsync(message);
            }
            await client.DisconnectAsync(quit: true);
            Array.ForEach(messages, m => m.Dispose());
        }
    }
}
