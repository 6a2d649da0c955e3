using System.Net.Http.Json;
using BookSaga.Contracts;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace BookSaga.Testing;

/// <summary>
/// A service in this process on real Kestrel ports, configured by the same settings as in production.
/// <typeparamref name="TMarker"/> is any type of the service's assembly.
/// </summary>
public sealed class TestService<TMarker> : WebApplicationFactory<TMarker>
    where TMarker : class
{
    private readonly Dictionary<string, string> _settings;
    private readonly Action<IServiceCollection>? _services;
    private readonly TestAuthority _authority;
    private readonly List<IDisposable> _channels = [];

    public TestService(TestAuthority authority, string? databaseUrl, Dictionary<string, string>? settings = null, Action<IServiceCollection>? services = null, int? httpPort = null, int? grpcPort = null)
    {
        _authority = authority;
        _services = services;
        HttpPort = httpPort ?? FreePort.Next();
        GrpcPort = grpcPort ?? FreePort.Next();
        _settings = new Dictionary<string, string>
        {
            ["Listen:HttpPort"] = $"{HttpPort}",
            ["Listen:GrpcPort"] = $"{GrpcPort}",
            ["Auth:Issuer"] = TestAuthority.Issuer,
            ["Auth:Authority"] = authority.Authority,
            ["Auth:ClientId"] = "test",
            ["Auth:ClientSecret"] = "test",
            ["Logging:LogLevel:Default"] = "Critical",
            ["Logging:LogLevel:BookSaga.Hosting.Http.UnhandledExceptions"] = "Error", // why a 500
        };
        // Where a test names no neighbour nobody listens, and what is for it stays in the outbox.
        foreach (string neighbour in (string[])["booking", "payment", "customer", "notification", "company"])
        {
            _settings[$"Services:{neighbour}"] = "http://127.0.0.1:9";
        }
        if (databaseUrl is not null)
        {
            _settings["Database:Url"] = databaseUrl;
        }
        foreach ((string key, string value) in settings ?? [])
        {
            _settings[key] = value;
        }
        UseKestrel();
    }

    public int HttpPort { get; }

    public int GrpcPort { get; }

    /// <summary>For a setting <c>Services:…</c> of another service.</summary>
    public string GrpcAddress => $"http://127.0.0.1:{GrpcPort}";

    /// <summary>Starts it and waits until it is ready (or, with <paramref name="ready"/> false, only until it listens).</summary>
    public async Task<TestService<TMarker>> StartAsync(bool ready = true)
    {
        StartServer();
        using HttpClient client = Http(null);
        await Until.TrueAsync(async () => !ready || (await client.GetAsync("/readyz")).StatusCode == System.Net.HttpStatusCode.OK);
        return this;
    }

    /// <summary>A client with <paramref name="user"/>'s token, or anonymous.</summary>
    public HttpClient Http(TestUser? user)
    {
        var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{HttpPort}") };
        if (user is not null)
        {
            client.DefaultRequestHeaders.Authorization = _authority.Header(user);
        }
        return client;
    }

    /// <summary>A call invoker for gRPC clients, with a service's token unless another is given; an empty one sends none.</summary>
    public CallInvoker Grpc(string? token = null)
    {
        var channel = GrpcChannel.ForAddress(GrpcAddress);
        _channels.Add(channel);
        token ??= _authority.ServiceToken();
        return global::Grpc.Core.Interceptors.ChannelExtensions.Intercept(channel, metadata =>
        {
            if (token.Length > 0)
            {
                metadata.Add("Authorization", "Bearer " + token);
            }
            return metadata;
        });
    }

    public override async ValueTask DisposeAsync()
    {
        _channels.ForEach(c => c.Dispose());
        await base.DisposeAsync();
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Production").UseContentRoot(AppContext.BaseDirectory);
        foreach ((string key, string value) in _settings)
        {
            builder.UseSetting(key, value);
        }
        if (_services is not null)
        {
            builder.ConfigureTestServices(_services);
        }
    }
}

/// <summary>Short forms for JSON over HTTP.</summary>
public static class HttpJson
{
    /// <summary>Posts <paramref name="body"/> as JSON; null sends no body and no Content-Type.</summary>
    public static Task<HttpResponseMessage> PostAsync(this HttpClient client, string path, object? body) =>
        client.PostAsync(path, body is null ? null : JsonContent.Create(body, body.GetType(), options: Json.Options));

    /// <summary>The body as JSON, after checking the status.</summary>
    public static async Task<System.Text.Json.JsonElement> JsonAsync(this Task<HttpResponseMessage> answer, int status)
    {
        using HttpResponseMessage response = await answer;
        string text = await response.Content.ReadAsStringAsync();
        if ((int)response.StatusCode != status)
        {
            throw new InvalidOperationException($"{response.RequestMessage?.Method} {response.RequestMessage?.RequestUri?.PathAndQuery} gave {(int)response.StatusCode}, not {status}: {text}");
        }
        return text.Length == 0 ? default : System.Text.Json.JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Checks that no answer came, for the server's process ended; it depends on the moment which exception tells that.</summary>
    public static async Task BreaksOffAsync(this Task<HttpResponseMessage> answer)
    {
        try
        {
            using HttpResponseMessage response = await answer;
            throw new InvalidOperationException($"expected no answer, got {(int)response.StatusCode}");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or System.Net.Sockets.SocketException)
        {
            // As expected.
        }
    }

    /// <summary>Checks that the answer is the contract's problem with <paramref name="error"/>.</summary>
    public static async Task ProblemAsync(this Task<HttpResponseMessage> answer, int status, string error)
    {
        using HttpResponseMessage response = await answer;
        string text = await response.Content.ReadAsStringAsync();
        string found = $"{(int)response.StatusCode} {response.Content.Headers.ContentType?.MediaType} {(text.StartsWith('{') && System.Text.Json.JsonDocument.Parse(text).RootElement.TryGetProperty("error", out var e) ? e.GetString() : text)}";
        if (found != $"{status} application/problem+json {error}")
        {
            throw new InvalidOperationException($"expected {status} application/problem+json {error}, got {found}");
        }
    }
}
