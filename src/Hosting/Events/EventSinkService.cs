using BookSaga.Contracts.Events;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Events.Broker;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace BookSaga.Hosting.Events;

/// <summary>The receiving end of direct delivery, on the internal port.</summary>
internal sealed class EventSinkService(EventDispatch dispatch) : EventSink.EventSinkBase
{
    public override async Task<Acknowledgements> Deliver(EventBatch request, ServerCallContext context)
    {
        // At once, so that a consumer can gather them into one commit. None relies on the order of events.
        string[] errors = await Task.WhenAll(request.Events.Select(received => dispatch.StoreAsync(received, context.CancellationToken)));
        return new Acknowledgements { Errors = { errors } };
    }
}

/// <summary>Registers consumers.</summary>
public static class EventSinkSetup
{
    /// <summary>Adds a consumer.</summary>
    public static void AddEventHandler<T>(this WebApplicationBuilder builder)
        where T : class, IEventHandler
    {
        builder.AddEventIntake();
        builder.Services.AddSingleton<IEventHandler, T>();
    }

    /// <summary>Adds a consumer that is made by <paramref name="make"/>.</summary>
    public static void AddEventHandler(this WebApplicationBuilder builder, Func<IServiceProvider, IEventHandler> make)
    {
        builder.AddEventIntake();
        builder.Services.AddSingleton(make);
    }

    /// <summary>Adds a consumer whose effect is one commit with the event that follows from it; <paramref name="run"/> makes its work on a batch.</summary>
    public static void AddEventStep<TPayload>(
        this WebApplicationBuilder builder, string type, Func<IServiceProvider, Func<NpgsqlConnection, IReadOnlyList<TPayload>, Task<IReadOnlyList<FollowingEvent>>>> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        builder.AddEventHandler(services => new EventStep<TPayload>(
            type, services.GetRequiredService<StepConnections>(), services.GetRequiredService<Outbox>(), run(services)));
    }

    /// <summary>Opens the receiving end to our own services.</summary>
    public static void MapEventSink(this WebApplication app) =>
        app.MapGrpcService<EventSinkService>().RequireAuthorization(TokenCheck.InternalPolicy);
}
