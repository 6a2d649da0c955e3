[assembly: AssemblyFixture(typeof(BookSaga.Hosting.Tests.Events.Servers))]

namespace BookSaga.Hosting.Tests.Events;

/// <summary>One identity provider and one broker for all tests; each test has queues of its own.</summary>
public sealed class Servers : IAsyncLifetime
{
    public TestAuthority Authority { get; private set; } = null!;

    public TestBroker Broker { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Authority = await TestAuthority.StartAsync();
        Broker = await TestBroker.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        await Authority.DisposeAsync();
    }
}

/// <summary>Tests that harm the broker that others use run one after the other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OneByOne
{
    public const string Name = "one by one";
}
