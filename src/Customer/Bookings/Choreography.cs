using System.Collections.Concurrent;
using System.Diagnostics;
using BookSaga.Hosting;

namespace BookSaga.Customer.Bookings;

/// <summary>Brings a booking that has just begun to its end; the task is done when it has ended or was left to the sweep.</summary>
internal delegate Task BookingDriver(BookOffer started);

/// <summary>Choreographed bookings end by an event; here waits who wants to know at once.</summary>
internal sealed class Choreography(TimeProvider time)
{
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _waiting = new();

    /// <summary>Done when the booking has ended in this process, or soon: another replica may get its event, so who waits has to look now and then.</summary>
    internal async Task EndAsync(BookOffer started)
    {
        using Activity? span = SagaTrace.StartRoot(started.Id, BookOfferSaga.Name);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[started.Id] = ended;
        await Task.WhenAny(ended.Task, Task.Delay(CancelBookingRun.Poll, time));
        _waiting.TryRemove(started.Id, out _);
    }

    /// <summary>The booking's end is recorded.</summary>
    internal void Ended(Guid booking)
    {
        if (_waiting.TryRemove(booking, out TaskCompletionSource? waiting))
        {
            waiting.SetResult();
        }
    }
}
