using System.Collections.Concurrent;
using System.Diagnostics;
using BookSaga.Customer.Sagas;
using BookSaga.Hosting;
using Microsoft.Extensions.Options;

namespace BookSaga.Customer.Bookings;

/// <summary>Brings a booking that has just begun to its end; the task is done when it has ended or was left to the sweep.</summary>
internal delegate Task BookingDriver(BookOffer started);

/// <summary>Choreographed bookings end by an event; here waits who wants to know at once.</summary>
internal sealed class Choreography(BookingStore store, IOptions<SagaOptions> options, TimeProvider time)
{
    private readonly ConcurrentDictionary<Guid, Waiter> _waiting = new();

    /// <summary>Done when the booking has ended, or when nobody waits any longer. Another replica may get its event, so its row is looked at now and then.</summary>
    internal async Task EndAsync(BookOffer started)
    {
        using Activity? span = SagaTrace.StartRoot(started.Id, BookOfferSaga.Name);
        var waiter = new Waiter(started);
        _waiting[started.Id] = waiter;
        try
        {
            long start = time.GetTimestamp();
            do
            {
                await Task.WhenAny(waiter.Task, Task.Delay(CancelBookingRun.Poll, time));
            }
            while (!waiter.Task.IsCompleted && time.GetElapsedTime(start) < options.Value.WaitLimit && await store.LiveAsync(started.Id) is not null);
        }
        finally
        {
            _waiting.TryRemove(started.Id, out _);
        }
    }

    /// <summary>The booking as it was begun, while its client waits in this process.</summary>
    internal BookOffer? Waiting(Guid booking) => _waiting.GetValueOrDefault(booking)?.Started;

    /// <summary>The booking's end is recorded.</summary>
    internal void Ended(Guid booking)
    {
        if (_waiting.TryRemove(booking, out Waiter? waiter))
        {
            waiter.TrySetResult();
        }
    }

    private sealed class Waiter(BookOffer started) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        internal BookOffer Started { get; } = started;
    }
}
