using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace BookSaga.Hosting;

/// <summary>
/// One trace per saga (docs/adr/0009): the trace id is the booking id and the root span's id its last eight bytes, so whoever knows the
/// booking adds spans to its trace, with nothing stored or sent for it. Does nothing while nobody listens.
/// </summary>
public static class SagaTrace
{
    private static readonly ActivitySource Source = new("BookSaga.Saga");

    // The runtime lets nobody choose a span's id. Without this field the root has a random id, and its children name a parent that is not there.
    private static readonly bool CanName = typeof(Activity).GetField("_spanId", BindingFlags.Instance | BindingFlags.NonPublic)?.FieldType == typeof(string);

    /// <summary>Whether traces leave this process; without them no span is worth its preparation.</summary>
    public static bool IsOn => Source.HasListeners();

    /// <summary>
    /// A span in the trace of <paramref name="booking"/>: below the current span when that is in the trace, else below the root, with a link to the
    /// current one (a request, or a call that carries many bookings).
    /// </summary>
    /// <param name="booking">The booking, which is the saga's id.</param>
    /// <param name="name">What is done.</param>
    /// <param name="kind">Its side of a call or of an event.</param>
    /// <param name="begun">When it began, if not now.</param>
    public static Activity? Start(Guid booking, string name, ActivityKind kind = ActivityKind.Internal, DateTimeOffset begun = default)
    {
        if (!IsOn)
        {
            return null;
        }
        ActivityContext root = RootOf(booking);
        ActivityContext? current = Activity.Current?.Context;
        bool inside = current?.TraceId == root.TraceId;
        return Start(booking, name, kind, inside ? current!.Value : root, inside ? null : current, begun);
    }

    /// <summary>The first span of the trace. It and the current span, a request's, are linked both ways.</summary>
    public static Activity? StartRoot(Guid booking, string name)
    {
        if (!IsOn)
        {
            return null;
        }
        Activity? request = Activity.Current;
        ActivityContext root = RootOf(booking);
        // A start without a parent's span would take the current one's.
        Activity.Current = null;
        Activity? span = Start(booking, name, ActivityKind.Internal, new ActivityContext(root.TraceId, default, root.TraceFlags), request?.Context, default);
        if (span is null)
        {
            Activity.Current = request;
            return null;
        }
        if (CanName)
        {
            SpanId(span) = root.SpanId.ToHexString();
        }
        request?.AddLink(new ActivityLink(span.Context));
        return span;
    }

    /// <summary>Says how it ended.</summary>
    /// <param name="span">The span, if there is one.</param>
    /// <param name="outcome">What came of it.</param>
    /// <param name="reason">The stable code of why it was refused.</param>
    public static void SetOutcome(this Activity? span, string outcome, string? reason = null) => span?
        .SetTag("booksaga.outcome", outcome)
        .SetTag("booksaga.reason", string.IsNullOrEmpty(reason) ? null : reason);

    /// <summary>Runs one participant's step for all items, each in a span of its own booking's trace.</summary>
    /// <param name="name">The command.</param>
    /// <param name="items">What came in one call.</param>
    /// <param name="booking">An item's booking id.</param>
    /// <param name="steps">Does it; result i belongs to item i.</param>
    /// <param name="outcome">The outcome's code, and the reason of a refusal.</param>
    public static async Task<TResult[]> StepsAsync<TItem, TResult>(
        string name, IReadOnlyList<TItem> items, Func<TItem, string> booking, Func<IReadOnlyList<TItem>, Task<TResult>[]> steps, Func<TResult, (string Code, string Reason)> outcome)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(booking);
        ArgumentNullException.ThrowIfNull(steps);
        if (!IsOn)
        {
            return await Task.WhenAll(steps(items));
        }
        Activity? call = Activity.Current;
        var spans = new Activity?[items.Count];
        for (int i = 0; i < spans.Length; i++)
        {
            spans[i] = Guid.TryParse(booking(items[i]), out Guid id) ? Start(id, name, ActivityKind.Server) : null;
            // The next one is no child of it; what a lone item's step does is.
            Activity.Current = spans.Length == 1 ? spans[0] ?? call : call;
        }
        return await Task.WhenAll(steps(items).Select((step, i) => EndAsync(step, spans[i], outcome)));
    }

    /// <summary>The member <c>booking_id</c> of an event's payload; null when it has none.</summary>
    public static Guid? BookingOf(string payloadJson)
    {
        try
        {
            using var payload = JsonDocument.Parse(payloadJson);
            return payload.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("booking_id", out JsonElement id)
                && id.ValueKind == JsonValueKind.String && id.TryGetGuid(out Guid booking) ? booking : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task<TResult> EndAsync<TResult>(Task<TResult> step, Activity? span, Func<TResult, (string Code, string Reason)> outcome)
    {
        using Activity? ending = span;
        TResult result = await step;
        (string code, string reason) = outcome(result);
        span.SetOutcome(code, reason);
        if (code is "Unspecified" or "Mismatch")
        {
            span?.SetStatus(ActivityStatusCode.Error, reason);
        }
        return result;
    }

    private static Activity? Start(Guid booking, string name, ActivityKind kind, ActivityContext parent, ActivityContext? linked, DateTimeOffset begun) =>
        Source.StartActivity(name, kind, parent, [new("booksaga.booking_id", booking.ToString())], linked is { } other ? [new ActivityLink(other)] : null, begun);

    // The last eight bytes of a UUID are never all zero: its variant is among them.
    private static ActivityContext RootOf(Guid booking)
    {
        Span<byte> bytes = stackalloc byte[16];
        booking.TryWriteBytes(bytes, bigEndian: true, out _);
        return new(ActivityTraceId.CreateFromBytes(bytes), ActivitySpanId.CreateFromBytes(bytes[8..]), ActivityTraceFlags.Recorded, isRemote: true);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_spanId")]
    private static extern ref string SpanId(Activity span);
}
