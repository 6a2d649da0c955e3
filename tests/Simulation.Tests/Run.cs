using System.Diagnostics;
using BookSaga.Contracts.Booking;
using BookSaga.Contracts.Payment;
using BookSaga.Customer.Sagas;
using Npgsql;

namespace BookSaga.Simulation.Tests;

/// <summary>One schedule: some clients, offers, two replicas of customer, half a minute of faults, then peace; and what must be true at every commit and at the end.</summary>
internal sealed class Run
{
    private static readonly TimeSpan Storm = TimeSpan.FromSeconds(20);
    // saga.md's bound is 5 s after the return of what was away; a lease that was taken at the storm's last moment and the longest pause come on top.
    private static readonly TimeSpan Peace = TimeSpan.FromSeconds(25);
    private readonly BookingModel _booking;
    private readonly PaymentModel _payment;
    private readonly Dictionary<string, long> _initial = [];
    private readonly SimulatedProcess?[] _processes = new SimulatedProcess?[2];

    private Run(int seed, Bug bug)
    {
        (World, Bug) = (new VirtualWorld(seed), bug);
        (_booking, _payment) = (new BookingModel(bug), new PaymentModel(bug));
    }

    internal VirtualWorld World { get; }

    internal Bug Bug { get; }

    internal SagaOptions Options { get; } = new();

    internal BookingTable Table { get; } = new();

    internal bool Over { get; private set; }

    /// <summary>Plays the schedule of <paramref name="seed"/>.</summary>
    /// <returns>Null when everything held, else what did not.</returns>
    internal static string? Play(int seed, Bug bug = Bug.None)
    {
        var run = new Run(seed, bug);
        try
        {
            run.World.Run(run.StoryAsync, Storm + Peace + Peace);
            return run.World.Failure is { } failure ? failure.Message : run.Verdict();
        }
        catch (Exception e) when (e is UnreachableException or KeyNotFoundException or InvalidOperationException)
        {
            return e.Message;
        }
    }

    /// <summary>Whether a fault that strikes once in <paramref name="oneIn"/> times strikes now; none does after the storm.</summary>
    internal bool Fault(int oneIn) => World.Now < Storm.Ticks && World.Chance(oneIn);

    /// <summary>Mostly a millisecond, sometimes longer than any caller waits.</summary>
    internal TimeSpan Latency() => TimeSpan.FromMilliseconds(Fault(12) ? World.Random.Next(5000) : 1 + World.Random.Next(3));

    /// <summary>A participant's commit.</summary>
    internal object Handle(string method, object request)
    {
        object answer = (method, request) switch
        {
            ("Reserve", ReserveBatch batch) => new ReserveOutcomes { Outcomes = { batch.Items.Select(_booking.Reserve) } },
            ("Confirm", ClaimBatch batch) => new ClaimOutcomes { Outcomes = { batch.Items.Select(_booking.Confirm) } },
            ("Release", ClaimBatch batch) => new ClaimOutcomes { Outcomes = { batch.Items.Select(Release) } },
            ("Cancel", CancelClaim command) => _booking.Cancel(command),
            ("Charge", ChargeBatch batch) => new PaymentOutcomes { Outcomes = { batch.Items.Select(_payment.Charge) } },
            ("Cancel", ChargeBatch batch) => new PaymentOutcomes { Outcomes = { batch.Items.Select(CancelPayment) } },
            ("Refund", ChargeBatch batch) => new PaymentOutcomes { Outcomes = { batch.Items.Select(Refund) } },
            ("Retain", ChargeBatch batch) => new PaymentOutcomes { Outcomes = { batch.Items.Select(i => _payment.Close(i, refund: false)) } },
            _ => throw new UnreachableException(method),
        };
        CheckAlways();
        return answer;
    }

    /// <summary>An outcome is being recorded: it must be true at this moment.</summary>
    internal void CheckAnswer(BookingTable.Row row)
    {
        string id = row.Id.ToString();
        bool open = _payment.Decisions.GetValueOrDefault(id) is { Charged: true, ClosedAs: null };
        string? state = _booking.Claims.GetValueOrDefault(id)?.State;
        Demand(row.Status == "paid" ? open && state is "paid" or "cancelled" : !open && state is not ("held" or "paid"), $"the answer {row.Status} is not the truth: claim {state}, payment open {open}");
    }

    /// <summary>A new process takes the place of one that died, after a while.</summary>
    internal void Restart(SimulatedProcess dead)
    {
        int place = Array.IndexOf(_processes, dead);
        _processes[place] = null;
        World.Watch(AgainAsync());

        async Task AgainAsync()
        {
            await World.Delay(TimeSpan.FromSeconds(World.Random.NextDouble() * 4));
            _processes[place] = new SimulatedProcess(this);
        }
    }

    private async Task StoryAsync()
    {
        string[] clients = [.. Enumerable.Range(0, World.Random.Next(1, 4)).Select(_ => Guid.NewGuid().ToString())];
        foreach (string client in clients)
        {
            _initial[client] = _payment.Balances[client] = World.Random.Next(0, 40);
        }
        int offers = World.Random.Next(1, 4);
        for (long offer = 1; offer <= offers; offer++)
        {
            _booking.Offers[offer] = new BookingModel.OfferRow(offer, World.Random.Next(1, 25));
        }
        for (int i = 0; i < _processes.Length; i++)
        {
            _processes[i] = new SimulatedProcess(this);
        }
        int acts = World.Random.Next(2, 9);
        for (int i = 0; i < acts; i++)
        {
            World.Watch(ActAsync(clients[World.Random.Next(clients.Length)], World.Random.Next(1, offers + 2)));
            await World.Delay(TimeSpan.FromMilliseconds(World.Chance(2) ? World.Random.Next(3) : World.Random.Next(1500)));
        }
        await World.Delay(TimeSpan.FromTicks(Math.Max(0, (Storm + Peace).Ticks - World.Now)));
        Over = true;
    }

    // A client, or the company, does something at some replica; what breaks under their hands they do not try again.
    private async Task ActAsync(string client, long offer)
    {
        if (_processes[World.Random.Next(_processes.Length)] is not { } process)
        {
            return;
        }
        try
        {
            switch (World.Random.Next(7))
            {
                case 0:
                    await World.Delay(TimeSpan.FromMilliseconds(World.Random.Next(20)));
                    _booking.Withdraw(offer);
                    break;
                case 1:
                    long amount = World.Random.Next(1, 20);
                    _payment.Balances[client] += amount;
                    _initial[client] += amount;
                    break;
                case 2 when Table.Rows.Count > 0:
                    BookingTable.Row row = Table.Rows[World.Random.Next(Table.Rows.Count)];
                    if (await process.Cancellations.StartAsync(row, byCompany: World.Chance(2), refund: !World.Chance(3)) is { } cancellation)
                    {
                        await process.Cancelling.DriveAsync(cancellation);
                    }
                    break;
                default:
                    await process.Booking.DriveAsync(await process.Bookings.StartAsync(Guid.Parse(client), offer));
                    break;
            }
        }
        catch (NpgsqlException)
        {
            // The client got 503.
        }
    }

    private string? Verdict()
    {
        try
        {
            CheckAlways();
            foreach (BookingTable.Row row in Table.Rows)
            {
                Demand(!row.Live && row.Cancellation is not { Live: true }, "a saga hangs");
                Demand(row.Events == 1, $"{row.Events} events for one outcome");
                Demand(row.Cancellation is not { Done: true, Events: not 1 }, "a cancellation was not told once");
            }
            Demand(_booking.Offers.Values.All(o => o.Status != "reserved"), "an offer hangs");
            string[] paid = [.. _payment.Decisions.Where(d => d.Value is { Charged: true, ClosedAs: null }).Select(d => d.Key).Order()];
            string[] sold = [.. _booking.Offers.Values.Where(o => o.Status == "paid").Select(o => o.Booking!).Order()];
            string[] told = [.. Table.Rows.Where(r => r.Status == "paid").Select(r => r.Id.ToString()).Order()];
            Demand(paid.SequenceEqual(sold), "paid offers and open payments differ");
            Demand(told.SequenceEqual(sold), "paid bookings and paid offers differ");
            return null;
        }
        catch (InvalidOperationException e)
        {
            return e.Message;
        }
    }

    // At every commit of a participant.
    private void CheckAlways()
    {
        Demand(_payment.Balances.Values.All(b => b >= 0), "a balance is below zero");
        foreach ((string client, long balance) in _payment.Balances)
        {
            long gone = _payment.Decisions.Values.Where(d => d.Customer == client && d is { Charged: true } and not { ClosedAs: PaymentOutcome.Types.Code.Refunded }).Sum(d => d.Amount);
            Demand(balance == _initial[client] - gone, "money is lost or made");
        }
        Demand(_booking.Claims.Values.Where(c => c.State is "held" or "paid").GroupBy(c => c.Offer).All(g => g.Count() == 1), "an offer has two live claims");
    }

    private ClaimOutcome Release(ClaimKey key) =>
        Bug == Bug.ReleaseIsForgotten ? new ClaimOutcome { Code = ClaimOutcome.Types.Code.Done } : _booking.Release(key);

    private PaymentOutcome CancelPayment(ChargeItem item)
    {
        PaymentOutcome outcome = _payment.Cancel(item);
        return Bug == Bug.LateChargeCountsAsCancelled ? new PaymentOutcome { Code = PaymentOutcome.Types.Code.Refused, Reason = "cancelled" } : outcome;
    }

    private PaymentOutcome Refund(ChargeItem item) =>
        Bug == Bug.RefundIsForgotten ? new PaymentOutcome { Code = PaymentOutcome.Types.Code.Refunded } : _payment.Close(item, refund: true);

    private static void Demand(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException(what);
        }
    }
}
