using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace BookSaga.Notification.Tests.Webhooks;

/// <summary>An endpoint with a certificate that it made itself.</summary>
internal sealed class TlsEndpoint : IAsyncDisposable
{
    private readonly X509Certificate2 _certificate = Create();
    private readonly WebApplication _app;
    private int _calls;

    private TlsEndpoint()
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(Port, listen => listen.UseHttps(_certificate)));
        _app = builder.Build();
        _app.Run(_ =>
        {
            Interlocked.Increment(ref _calls);
            return Task.CompletedTask;
        });
    }

    public int Port { get; } = FreePort.Next();

    public int Calls => _calls;

    public static async Task<TlsEndpoint> StartAsync()
    {
        var endpoint = new TlsEndpoint();
        await endpoint._app.StartAsync();
        return endpoint;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate.Dispose();
    }

    private static X509Certificate2 Create()
    {
        using var key = RSA.Create(2048);
        using X509Certificate2 made = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
