using System.Globalization;
using System.Text;
using BookSaga.Contracts;
using BookSaga.Hosting;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Http;

namespace BookSaga.Customer.Bookings;

/// <summary>
/// GET /customer/bookings/{id}/events: the timeline as server-sent events while it happens. Event <c>step</c> with a timeline entry, its number as <c>id</c>;
/// at last event <c>end</c> with the booking's status. <c>Last-Event-ID</c> resumes; after the end it is answered by 204, which tells a browser to stop.
/// </summary>
/// <remarks>404 booking not found. What the steps say is read from their owners, so any replica can serve and resume the stream.</remarks>
internal static class StreamBooking
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(150);

    // Below every time-out on the way (the gateway's is 20 s).
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(5);

    // A page that is left open asks again when the stream ends, another replica if this one goes; nobody waits longer for a saga.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/customer/bookings/{id:guid}/events", HandleAsync)
        .WithSummary("Follow the timeline of one booking of mine live").Produces<string>(StatusCodes.Status200OK, "text/event-stream").Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task HandleAsync(Guid id, Caller caller, Language language, HttpContext context, BookingReader reader, TimeProvider time, Shutdown shutdown, CancellationToken ct)
    {
        int sent = int.TryParse(context.Request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out int last) ? last : 0;
        (BookingView? view, bool complete) = await reader.ReadAsync(id, caller.Id, language.Code, ct);
        if (view is null)
        {
            await Problems.NotFound("booking not found").ExecuteAsync(context);
            return;
        }
        if (complete && IsOver(view) && sent > Happened(view).Length)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        long start = time.GetTimestamp();
        long wrote = start;
        while (true)
        {
            // While a service does not answer, its steps are missing in the middle: nothing is told until all can be.
            TimelineEntry[] steps = complete ? Happened(view) : [];
            bool over = complete && IsOver(view);
            var text = new StringBuilder();
            for (; sent < steps.Length; sent++)
            {
                text.Append(CultureInfo.InvariantCulture, $"id: {sent + 1}\nevent: step\ndata: {Json.Write(steps[sent])}\n\n");
            }
            if (over)
            {
                text.Append(CultureInfo.InvariantCulture, $"id: {sent + 1}\nevent: end\ndata: {Json.Write(new { view.Status, view.Reason })}\n\n");
            }
            else if (text.Length == 0 && time.GetElapsedTime(wrote) > KeepAlive)
            {
                text.Append(": waiting\n\n");
            }
            if (text.Length > 0)
            {
                await context.Response.WriteAsync(text.ToString(), ct);
                await context.Response.Body.FlushAsync(ct);
                wrote = time.GetTimestamp();
            }
            if (over || shutdown.HasBegun || time.GetElapsedTime(start) > Longest)
            {
                return;
            }
            await Task.Delay(Poll, time, ct);
            (BookingView? next, complete) = await reader.ReadAsync(id, caller.Id, language.Code, ct);
            view = next ?? view;
        }
    }

    // What has happened stays as it is, in its place; what is still to come is not told.
    private static TimelineEntry[] Happened(BookingView view) => [.. view.Timeline!.TakeWhile(step => step.Status != "pending")];

    private static bool IsOver(BookingView view) => view.Status != "pending" && view.Timeline![^1].Step == "mail_queued";
}
