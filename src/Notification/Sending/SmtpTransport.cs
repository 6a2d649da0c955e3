using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace BookSaga.Notification.Sending;

/// <summary>A mail server at <c>Mail:Smtp</c>, one connection for many mails.</summary>
internal sealed class SmtpTransport(Uri server) : MailTransport
{
    private Client? _client;

    [SuppressMessage("Security", "CA5359", Justification = "RFC 7435: where plain text would do, encryption under any certificate beats none. Not used with a password or smtps.")]
    internal override async Task OpenAsync(CancellationToken ct)
    {
        if (_client is { IsConnected: true })
        {
            return;
        }
        await CloseAsync();
        bool tls = server.Scheme == "smtps";
        NetworkCredential? user = Credential(server);
        // Revocation lists are on the open network, which a mail relay's neighbour need not reach.
        _client = new Client { CheckCertificateRevocation = false };
        if (!tls && user is null)
        {
            _client.ServerCertificateValidationCallback = AcceptAny;
        }
        int port = server.IsDefaultPort || server.Port < 0 ? (tls ? 465 : 25) : server.Port;
        await _client.ConnectAsync(
            await ConnectAsync(server.Host, port, ct), server.Host, port, tls ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTlsWhenAvailable, ct);
        if (user is not null)
        {
            await _client.AuthenticateAsync(user, ct);
        }
    }

    internal override async Task<Delivery> SendAsync(MimeMessage message, IReadOnlyList<string> recipients, CancellationToken ct)
    {
        Client client = _client ?? throw new InvalidOperationException("not open");
        // RFC 6531: a local part beyond ASCII needs a server that says SMTPUTF8. Domains have an ASCII form.
        bool utf8 = client.Capabilities.HasFlag(SmtpCapabilities.UTF8);
        string[] foreign = [.. recipients.Where(address => !Ascii.IsValid(address.AsSpan(0, address.LastIndexOf('@'))))];
        client.Begin(utf8 ? [] : foreign);
        MailboxAddress[] envelope = [.. recipients.Where(address => utf8 || !foreign.Contains(address)).Select(address => new MailboxAddress(null, address))];
        FormatOptions format = FormatOptions.Default.Clone();
        format.International = utf8 && foreign.Length > 0;
        try
        {
            return client.End(envelope.Length > 0 ? await client.SendAsync(format, message, (MailboxAddress)message.From[0], envelope, ct) : null);
        }
        catch (SmtpCommandException e) when (e.ErrorCode == SmtpErrorCode.RecipientNotAccepted)
        {
            return client.End(null);
        }
        catch (SmtpCommandException e) when (e.ErrorCode == SmtpErrorCode.MessageNotAccepted && (int)e.StatusCode >= 500)
        {
            return Delivery.Never(recipients, Words((int)e.StatusCode, e.Message), SmtpReasons.Of((int)e.StatusCode, e.Message));
        }
        // A matter of settings or of a limit on this sender, so of every mail: they wait.
        catch (SmtpCommandException e) when (e.ErrorCode == SmtpErrorCode.SenderNotAccepted)
        {
            throw new SenderRefusedException($"the sender is refused: {Words((int)e.StatusCode, e.Message)}", e);
        }
        catch (SmtpCommandException e)
        {
            return Delivery.Later(Words((int)e.StatusCode, e.Message), SmtpReasons.Of((int)e.StatusCode, e.Message));
        }
    }

    internal override async Task CloseAsync()
    {
        if (_client is not { } client)
        {
            return;
        }
        _client = null;
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await client.DisconnectAsync(true, limit.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ProtocolException or CommandException)
        {
            // It is gone already, which is what was wanted.
        }
        finally
        {
            client.Dispose();
        }
    }

    // MailKit's own socket waits for the server's delayed acknowledgement before a mail's last bytes: 45 ms a mail, measured on loopback.
    private static async Task<Socket> ConnectAsync(string host, int port, CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(host, port, ct);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static bool AcceptAny(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => true;

    private static string Words(int status, string text) => $"{status} {text}";

    private static NetworkCredential? Credential(Uri url)
    {
        string[] user = url.UserInfo.Split(':', 2);
        return user[0].Length == 0 ? null : new NetworkCredential(Uri.UnescapeDataString(user[0]), user.Length == 2 ? Uri.UnescapeDataString(user[1]) : "");
    }

    /// <summary>MailKit's client, which by itself gives up a mail at the first refused recipient; this one goes on with the others.</summary>
    private sealed class Client : SmtpClient
    {
        private readonly List<string> _accepted = [];
        private readonly List<Refusal> _refused = [];
        private string? _trouble;
        private string? _reason;

        internal void Begin(IEnumerable<string> unreachable)
        {
            _accepted.Clear();
            _refused.Clear();
            _refused.AddRange(unreachable.Select(address => new Refusal(address, "the server does not speak SMTPUTF8", SmtpReasons.NoSmtpUtf8)));
            (_trouble, _reason) = (null, null);
        }

        // The answer to the whole mail; null: it was not taken.
        internal Delivery End(string? answer) => new(answer is null ? [] : [.. _accepted], [.. _refused], _trouble, _reason, answer);

        protected override void OnRecipientAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response) => _accepted.Add(mailbox.Address);

        protected override void OnRecipientNotAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response)
        {
            string words = Words((int)response.StatusCode, response.Response);
            string reason = SmtpReasons.Of((int)response.StatusCode, response.Response);
            if ((int)response.StatusCode >= 500)
            {
                _refused.Add(new Refusal(mailbox.Address, words, reason));
            }
            else
            {
                (_trouble, _reason) = ($"{mailbox.Address}: {words}", reason);
            }
        }

        protected override void OnNoRecipientsAccepted(MimeMessage message) =>
            throw new SmtpCommandException(SmtpErrorCode.RecipientNotAccepted, SmtpStatusCode.MailboxUnavailable, "no recipient was accepted");
    }
}
