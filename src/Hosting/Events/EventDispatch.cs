using System.Diagnostics;
using System.Diagnostics.Metrics;
using BookSaga.Contracts.Events;
using Microsoft.Extensions.Logging;

namespace BookSaga.Hosting.Events;

/// <summary>One event type's consumer. It commits before it returns, and a repeat of the same event changes nothing.</summary>
public interface IEventHandler
{
    /// <summary>The wire name it takes.</summary>
    string Type { get; }

    /// <summary>Stores the event's effect.</summary>
    Task HandleAsync(Event received, CancellationToken ct);
}

/// <summary>Hands an event to its consumer, whatever transport brought it.</summary>
internal sealed partial class EventDispatch(IEnumerable<IEventHandler> handlers, IMeterFactory meters, TimeProvider time, ILogger<EventDispatch> logger)
{
    private readonly Dictionary<string, IEventHandler> _handlers = handlers.ToDictionary(h => h.Type);
    private readonly Histogram<double> _delay = meters.Create("BookSaga.Events").CreateHistogram<double>(
        "booksaga.event.delay", "s", "From the commit that recorded an event to the commit of its consumer.");

    /// <summary>Gives the empty text when the event is stored, else why it is not and will not be without somebody's help.</summary>
    /// <exception cref="Exception">Something will pass (a database that is away): nothing is said about the event.</exception>
    internal async Task<string> StoreAsync(Event received, CancellationToken ct)
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
            if (received.OccurredAt is { } occurred)
            {
                // The database's clock and this one may differ.
                _delay.Record(Math.Max(0, (time.GetUtcNow() - occurred.ToDateTimeOffset()).TotalSeconds), new KeyValuePair<string, object?>("type", received.Type));
            }
            return "";
        }
        // A database that is away concerns every event. Anything else is this event's own fault.
        catch (Exception e) when (e is not OperationCanceledException && !PassingFailure.Is(e))
        {
            LogFailed(e, received.Type, received.Id, SagaTrace.BookingOf(received.PayloadJson));
            span?.SetStatus(ActivityStatusCode.Error, e.Message);
            return e.GetType().Name + ": " + e.Message;
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Event {Type} {EventId} (booking {BookingId}) could not be stored")]
    private partial void LogFailed(Exception exception, string type, string eventId, Guid? bookingId);
}
