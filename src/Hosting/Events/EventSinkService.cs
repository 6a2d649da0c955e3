using System.Diagnostics;
using BookSaga.Contracts.Events;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Http;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BookSaga.Hosting.Events;

/// <summary>One event type's consumer. It commits before it returns, and a repeat of the same event changes nothing.</summary>
public interface IEventHandler
{
    /// <summary>The wire name it takes.</summary>
    string Type { get; }

    /// <summary>Stores the event's effect.</summary>
    Task HandleAsync(Event received, CancellationToken ct);
}

/// <summary>The receiving end of direct delivery, on the internal port.</summary>
internal sealed partial class EventSinkService(IEnumerable<IEventHandler> handlers, ILogger<EventSinkService> logger) : EventSink.EventSinkBase
{
    private readonly Dictionary<string, IEventHandler> _handlers = handlers.ToDictionary(h => h.Type);

    public override async Task<Acknowledgements> Deliver(EventBatch request, ServerCallContext context)
    {
        // At once, so that a consumer can gather them into one commit. None relies on the order of events.
        string[] errors = await Task.WhenAll(request.Events.Select(received => StoreAsync(received, context.CancellationToken)));
        return new Acknowledgements { Errors = { errors } };
    }

    private async Task<string> StoreAsync(Event received, CancellationToken ct)
    {
        if (!_handlers.TryGetValue(received.Type, out IEventHandler? handler))
        {
            return $"no handler for {received.Type}";
        }
        using Activity? span = SagaTrace.IsOn && SagaTrace.BookingOf(received.PayloadJson) is { } booking
            ? SagaTrace.Start(booking, "receive " + received.Type, ActivityKind.Consumer)
            : null;
        span?.SetTag("booksaga.event_id", received.Id);
        try
        {
            await handler.HandleAsync(received, ct);
            return "";
        }
        // A database that is away concerns the whole batch: the sender pauses. Anything else is this event's own fault.
        catch (Exception e) when (e is not OperationCanceledException && !UnhandledExceptions.IsPassing(e))
        {
            LogFailed(e, received.Type, received.Id, SagaTrace.BookingOf(received.PayloadJson));
            span?.SetStatus(ActivityStatusCode.Error, e.Message);
            return e.GetType().Name + ": " + e.Message;
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Event {Type} {EventId} (booking {BookingId}) could not be stored")]
    private partial void LogFailed(Exception exception, string type, string eventId, Guid? bookingId);
}

/// <summary>Registers consumers.</summary>
public static class EventSinkSetup
{
    /// <summary>Adds a consumer.</summary>
    public static void AddEventHandler<T>(this WebApplicationBuilder builder)
        where T : class, IEventHandler => builder.Services.AddSingleton<IEventHandler, T>();

    /// <summary>Adds a consumer whose effect is one commit with the event that follows from it; <paramref name="run"/> makes its work on a batch.</summary>
    public static void AddEventStep<TPayload>(
        this WebApplicationBuilder builder, string type, Func<IServiceProvider, Func<NpgsqlConnection, IReadOnlyList<TPayload>, Task<IReadOnlyList<FollowingEvent>>>> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        builder.Services.AddSingleton<IEventHandler>(services => new EventStep<TPayload>(
            type, services.GetRequiredService<NpgsqlDataSource>(), services.GetRequiredService<Outbox>(), run(services)));
    }

    /// <summary>Opens the receiving end to our own services.</summary>
    public static void MapEventSink(this WebApplication app) =>
        app.MapGrpcService<EventSinkService>().RequireAuthorization(TokenCheck.InternalPolicy);
}
