using BookSaga.Customer.Bookings;
using BookSaga.Customer.Profiles;
using Microsoft.Extensions.DependencyInjection;

namespace BookSaga.Customer.Tests;

/// <summary>The customer service on a database of its own; its neighbours are not there.</summary>
public sealed class CustomerWorld : IAsyncLifetime
{
    public TestAuthority Authority { get; private set; } = null!;

    public TestDatabase Database { get; private set; } = null!;

    internal TestService<BookingStore> Service { get; private set; } = null!;

    internal SentCodes Codes { get; } = new();

    public async ValueTask InitializeAsync()
    {
        Authority = await TestAuthority.StartAsync();
        Database = await TestDatabase.CreateAsync();
        Service = await new TestService<BookingStore>(
            Authority,
            Database.Url,
            new()
            {
                ["Services:booking"] = "http://127.0.0.1:9",
                ["Services:payment"] = "http://127.0.0.1:9",
                ["Services:notification"] = "http://127.0.0.1:9",
                ["Saga:WaitLimit"] = "00:00:01",
                ["Saga:Lease"] = "00:00:00.5",
                ["Saga:CallTimeout"] = "00:00:00.2",
            },
            services => services.AddSingleton<IPhoneCodeSender>(Codes)).StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await Database.DisposeAsync();
        await Authority.DisposeAsync();
    }

    /// <summary>The phone that codes are sent to.</summary>
    internal sealed class SentCodes : IPhoneCodeSender
    {
        internal string Last { get; private set; } = "";

        public Task SendAsync(string phone, string code, CancellationToken ct)
        {
            Last = code;
            return Task.CompletedTask;
        }
    }
}
