using System.Collections.Concurrent;
using BookSaga.Contracts.Customer;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BookSaga.Notification.Tests;

/// <summary>The customer service as reminders see it, on a real gRPC port: every booking is paid and every reminder wanted, unless a test says otherwise.</summary>
internal sealed class CustomerService : IAsyncDisposable
{
    private readonly WebApplication _app;

    public CustomerService()
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(Port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(this);
        _app = builder.Build();
        _app.MapGrpcService<Endpoint>();
    }

    private int Port { get; } = FreePort.Next();

    public string Address => $"http://127.0.0.1:{Port}";

    /// <summary>Whether it refuses to answer.</summary>
    public bool Down { get; set; }

    /// <summary>How often it was asked.</summary>
    public int Calls { get; private set; }

    /// <summary>What it says of a booking.</summary>
    public Func<string, ReminderFact> Fact { get; set; } = id => Paid(id);

    /// <summary>Bookings that it was asked about.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    public static ReminderFact Paid(string id, bool day = true, bool hour = true) =>
        new() { BookingId = id, Status = "paid", DayBefore = day, HourBefore = hour, UnsubscribeToken = "token-of-anna" };

    public Task StartAsync() => _app.StartAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private sealed class Endpoint(CustomerService service) : Contracts.Customer.Reminders.RemindersBase
    {
        public override Task<ReminderFacts> Describe(ReminderBookings request, ServerCallContext context)
        {
            context.RequestHeaders.GetValue("authorization").ShouldNotBeNull().ShouldStartWith("Bearer ey");
            service.Calls++;
            if (service.Down)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "down"));
            }
            foreach (string id in request.BookingIds)
            {
                service.Asked.Enqueue(id);
            }
            return Task.FromResult(new ReminderFacts { Facts = { request.BookingIds.Select(service.Fact) } });
        }
    }
}
