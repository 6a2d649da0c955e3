using BookSaga.Contracts.Booking;
using BookSaga.Contracts.Payment;
using BookSaga.Customer.Bookings;
using BookSaga.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Simulation.Tests;

/// <summary>A replica of the customer service: the real sagas, participants and batching, on simulated rows, network and clock. It may stand still, and it may die at any commit.</summary>
internal sealed class SimulatedProcess
{
    private static readonly Task Never = new TaskCompletionSource().Task;
    private readonly Run _run;
    private bool _dead;

    internal SimulatedProcess(Run run)
    {
        _run = run;
        Clock = run.World.Clock(TimeSpan.FromSeconds((run.World.Random.NextDouble() - 0.5) * 4));
        Bookings = new SimulatedBookingRows(run, this);
        Cancellations = new SimulatedCancellationRows(run, this);
        var network = new SimulatedNetwork(run, this);
        IOptions<Customer.Sagas.SagaOptions> options = Options.Create(run.Options);
        var participants = new Participants(new Reservations.ReservationsClient(network), new Payments.PaymentsClient(network), new Turns(2, Clock), options, Clock);
        Booking = new BookOfferSaga(participants, Bookings, options, Clock, NullLogger<BookOfferSaga>.Instance);
        Cancelling = new CancelBookingSaga(participants, Cancellations, options, Clock, NullLogger<CancelBookingSaga>.Instance);
        run.World.Watch(SweepAsync());
    }

    internal TimeProvider Clock { get; }

    internal SimulatedBookingRows Bookings { get; }

    internal SimulatedCancellationRows Cancellations { get; }

    internal BookOfferSaga Booking { get; }

    internal CancelBookingSaga Cancelling { get; }

    /// <summary>Before anything leaves the process: it may stand still for a while, and a dead one never comes back.</summary>
    internal async Task PauseOrDieAsync()
    {
        if (!_dead && _run.Fault(60))
        {
            await _run.World.Delay(TimeSpan.FromSeconds(_run.World.Random.NextDouble() * 8));
        }
        if (_dead)
        {
            await Never;
        }
    }

    internal async Task BeforeCommitAsync()
    {
        await PauseOrDieAsync();
        if (_run.Fault(40))
        {
            await DieAsync();
        }
        if (_run.Fault(40))
        {
            throw new NpgsqlException("the database is away");
        }
    }

    internal async Task AfterCommitAsync()
    {
        await PauseOrDieAsync();
        if (_run.Fault(40))
        {
            await DieAsync();
        }
        if (_run.Fault(40))
        {
            throw new NpgsqlException("the connection broke after the commit");
        }
    }

    // SIGKILL: what was under way never continues; a new process takes the old one's place.
    private Task DieAsync()
    {
        _dead = true;
        _run.Restart(this);
        return Never;
    }

    private async Task SweepAsync()
    {
        if (_run.Bug == Bug.NobodyRecovers)
        {
            return;
        }
        while (!_run.Over)
        {
            await _run.World.Delay(_run.Options.SweepInterval);
            await PauseOrDieAsync();
            try
            {
                await Booking.RecoverAsync(8, default);
                await Cancelling.RecoverAsync(8, default);
            }
            catch (NpgsqlException)
            {
                // The real sweep logs it and goes on.
            }
        }
    }
}
