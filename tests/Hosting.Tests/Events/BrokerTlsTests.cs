using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace BookSaga.Hosting.Tests.Events;

/// <summary>Events over TLS.</summary>
public sealed class BrokerTlsTests(Servers servers, BrokerTlsTests.TlsBroker tls) : IClassFixture<BrokerTlsTests.TlsBroker>
{
    [Theory]
    [InlineData("localhost", "ca.pem", true)]
    [InlineData("127.0.0.1", "ca.pem", false)]
    [InlineData("localhost", "other.pem", false)]
    public async Task Only_the_named_host_with_a_certificate_of_the_named_authority_is_talked_to(string host, string authority, bool works)
    {
        await using Wire wire = await Wire.CreateAsync(servers, broker: true, tls.Broker);
        wire.Settings["Events:RabbitMq:Url"] = new UriBuilder(tls.Broker.Url) { Scheme = "amqps", Host = host, Port = tls.Port }.Uri.OriginalString;
        wire.Settings["Events:RabbitMq:CaFile"] = Path.Combine(tls.Folder, authority);
        Peer receiver = await wire.AddReceiverAsync();
        await wire.AddSenderAsync();
        await wire.RecordAsync(1, 5);

        if (works)
        {
            await wire.ArrivedAsync(5);
            return;
        }
        using var http = new HttpClient();
        await Until.TrueAsync(async () => (await http.GetStringAsync($"http://127.0.0.1:{receiver.HttpPort}/readyz")).Contains("certificate", StringComparison.Ordinal));
        (await wire.WaitingAsync()).ShouldBe(5);
    }

    /// <summary>A broker with a certificate for localhost, and the authority that signed it, and one that did not.</summary>
    public sealed class TlsBroker : IAsyncLifetime
    {
        public string Folder { get; } = Directory.CreateTempSubdirectory("booksaga-tls-").FullName;

        public int Port { get; } = FreePort.Next();

        public TestBroker Broker { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            // The broker's own user reads them.
            File.SetUnixFileMode(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
            WriteCertificates();
            Broker = await TestBroker.StartAsync(
                "listeners.ssl.1 = 127.0.0.1:" + Port, $"ssl_options.cacertfile = {Folder}/ca.pem", $"ssl_options.certfile = {Folder}/server.pem", $"ssl_options.keyfile = {Folder}/key.pem");
        }

        public async ValueTask DisposeAsync()
        {
            await Broker.DisposeAsync();
            Directory.Delete(Folder, recursive: true);
        }

        private void WriteCertificates()
        {
            using X509Certificate2 authority = Authority();
            using X509Certificate2 other = Authority();
            using var key = RSA.Create(2048);
            var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("localhost");
            request.CertificateExtensions.Add(names.Build());
            using X509Certificate2 server = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), [1, 2, 3, 4]);
            File.WriteAllText(Path.Combine(Folder, "ca.pem"), authority.ExportCertificatePem());
            File.WriteAllText(Path.Combine(Folder, "other.pem"), other.ExportCertificatePem());
            File.WriteAllText(Path.Combine(Folder, "server.pem"), server.ExportCertificatePem());
            File.WriteAllText(Path.Combine(Folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        }

        private static X509Certificate2 Authority()
        {
            using var key = RSA.Create(2048);
            var request = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        }
    }
}
