using BookSaga.Contracts.Queues;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Events;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace BookSaga.Hosting.Tests.Events;

/// <summary>One replica of a service that has nothing but events.</summary>
internal sealed class Peer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly GrpcChannel _channel;
    private readonly Grpc.Core.Metadata _token;

    private Peer(WebApplication app, int httpPort, int grpcPort, string token)
    {
        (_app, HttpPort, GrpcPort) = (app, httpPort, grpcPort);
        _channel = GrpcChannel.ForAddress($"http://127.0.0.1:{grpcPort}");
        _token = new() { { "Authorization", "Bearer " + token } };
    }

    internal int GrpcPort { get; }

    internal int HttpPort { get; }

    internal bool IsReceiver { get; private init; }

    internal IServiceProvider Services => _app.Services;

    /// <summary>What its operators' questions are put to.</summary>
    internal Queues.QueuesClient Queues => new(_channel);

    internal Grpc.Core.CallOptions Call => new(_token, DateTime.UtcNow.AddSeconds(10));

    internal static async Task<Peer> StartAsync(string name, TestAuthority authority, TestDatabase database, string destination, Dictionary<string, string> settings, IEventHandler? consumer = null, int? grpcPort = null)
    {
        (int http, int grpc) = (FreePort.Next(), grpcPort ?? FreePort.Next());
        Dictionary<string, string> all = new(settings)
        {
            ["Listen:HttpPort"] = $"{http}",
            ["Listen:GrpcPort"] = $"{grpc}",
            ["Auth:Issuer"] = TestAuthority.Issuer,
            ["Auth:Authority"] = authority.Authority,
            ["Auth:ClientId"] = "test",
            ["Auth:ClientSecret"] = "test",
            ["Database:Url"] = database.Url,
            ["Logging:LogLevel:Default"] = "Critical",
        };
        WebApplicationBuilder builder = ServiceHost.CreateBuilder([.. all.Select(s => $"--{s.Key}={s.Value}")], name);
        builder.AddDatabase(typeof(Peer).Assembly);
        builder.AddOutbox(new OutboxDestination(destination));
        if (consumer is not null)
        {
            builder.AddEventHandler(_ => consumer);
        }
        WebApplication app = builder.Build();
        app.UseServiceDefaults();
        if (consumer is not null)
        {
            app.MapEventSink();
        }
        app.MapOutboxQueues();
        await app.StartAsync();
        await app.Services.GetRequiredService<Migrator>().Completion;
        return new Peer(app, http, grpc, authority.ServiceToken()) { IsReceiver = consumer is not null };
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
