namespace BookSaga.Gateway.Tests;

/// <summary>The gateway on a real port with a backend of each kind and an identity provider.</summary>
public sealed class GatewayFixture : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _owned = [];

    public TestAuthority Authority { get; private set; } = null!;

    public TestUser User { get; } = TestUser.New();

    public TestService<Program> Gateway { get; private set; } = null!;

    internal Dictionary<Backend, TestBackend> Backends { get; } = [];

    public async ValueTask InitializeAsync()
    {
        Authority = await TestAuthority.StartAsync();
        foreach (Backend backend in Enum.GetValues<Backend>())
        {
            Backends[backend] = await new TestBackend(backend.Name()).StartAsync();
        }
        Gateway = await StartAsync(new() { ["RateLimit:LoginPerMinute"] = "1000000", ["Links:Mail"] = "http://localhost:1080/?a=1&b=2" });
    }

    /// <summary>Another gateway before the same backends, with <paramref name="settings"/>.</summary>
    public async Task<TestService<Program>> StartAsync(Dictionary<string, string> settings)
    {
        foreach ((Backend backend, TestBackend there) in Backends)
        {
            settings.TryAdd($"Backends:{backend.Name()}", there.Address);
        }
        var gateway = new TestService<Program>(Authority, null, settings);
        _owned.Add(gateway);
        return await gateway.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable owned in _owned.Concat(Backends.Values).Append(Authority))
        {
            await owned.DisposeAsync();
        }
    }
}
