using BookSaga.Customer.Bookings;
using BookSaga.Customer.Sagas;

namespace BookSaga.Simulation.Tests;

/// <summary>The customer database's table of bookings.</summary>
internal sealed class BookingTable
{
    internal sealed class Row(Guid id, Guid customer, long offer, long nextAt, DateTimeOffset deadline)
    {
        internal Guid Id { get; } = id;

        internal Guid Customer { get; } = customer;

        internal long Offer { get; } = offer;

        internal long NextAt { get; set; } = nextAt;

        internal DateTimeOffset Deadline { get; } = deadline;

        internal int Epoch { get; set; } = 1;

        internal bool Live { get; set; } = true;

        internal string Status { get; set; } = "pending";

        internal int Events { get; set; }

        internal CancellationRow? Cancellation { get; set; }
    }

    internal sealed class CancellationRow(bool byCompany, bool refund, long nextAt)
    {
        internal bool ByCompany { get; } = byCompany;

        internal bool Refund { get; } = refund;

        internal long NextAt { get; set; } = nextAt;

        internal int Epoch { get; set; } = 1;

        internal bool Live { get; set; } = true;

        internal bool Done { get; set; }

        internal int Events { get; set; }
    }

    internal List<Row> Rows { get; } = [];
}

/// <summary>One process's view of the bookings: every commit may be its last.</summary>
internal sealed class SimulatedBookingRows(Run run, SimulatedProcess process) : ISagaRows<BookOffer>
{
    public async Task<List<BookOffer>> ClaimDueAsync(int limit, CancellationToken ct)
    {
        await process.BeforeCommitAsync();
        var due = run.Table.Rows.Where(r => r.Live && r.NextAt <= run.World.Now).Take(limit).ToList();
        foreach (BookingTable.Row row in due)
        {
            row.Epoch++;
            row.NextAt = run.World.Now + run.Options.Lease.Ticks;
        }
        List<BookOffer> claimed = due.ConvertAll(State);
        await process.AfterCommitAsync();
        return claimed;
    }

    public async Task<bool> FinishAsync(BookOffer saga, SagaEnd end)
    {
        await process.BeforeCommitAsync();
        BookingTable.Row row = run.Table.Rows.Single(r => r.Id == saga.Id);
        bool mine = (row.Epoch == saga.Epoch && row.Live) || run.Bug == Bug.FinishIgnoresTheEpoch;
        if (mine)
        {
            (row.Live, row.Status) = (false, end.FailedReason is null ? "paid" : "failed");
            if (run.Bug == Bug.FinishWithoutItsEvent)
            {
                await process.AfterCommitAsync();
            }
            row.Events++;
            run.CheckAnswer(row);
        }
        await process.AfterCommitAsync();
        return mine;
    }

    public Task<TimeSpan?> UntilDueAsync(CancellationToken ct) => Task.FromResult<TimeSpan?>(null); // the simulated sweep looks at fixed intervals

    public Task RecordErrorAsync(BookOffer saga, string? step, string error) => Task.CompletedTask;

    internal async Task<BookOffer> StartAsync(Guid customer, long offer)
    {
        await process.BeforeCommitAsync();
        var row = new BookingTable.Row(
            Guid.NewGuid(), customer, offer, run.World.Now + run.Options.Lease.Ticks, run.World.Clock(TimeSpan.Zero).GetUtcNow() + run.Options.Deadline);
        run.Table.Rows.Add(row);
        BookOffer saga = State(row);
        await process.AfterCommitAsync();
        return saga;
    }

    private static BookOffer State(BookingTable.Row row) => new(row.Id, row.Epoch, row.Deadline, row.Customer, row.Offer, "{}");
}

/// <summary>One process's view of the cancellations.</summary>
internal sealed class SimulatedCancellationRows(Run run, SimulatedProcess process) : ISagaRows<CancelBooking>
{
    public async Task<List<CancelBooking>> ClaimDueAsync(int limit, CancellationToken ct)
    {
        await process.BeforeCommitAsync();
        List<BookingTable.Row> due = [.. run.Table.Rows.Where(r => r.Cancellation is { Live: true } c && c.NextAt <= run.World.Now).Take(limit)];
        foreach (BookingTable.Row row in due)
        {
            row.Cancellation!.Epoch++;
            row.Cancellation.NextAt = run.World.Now + run.Options.Lease.Ticks;
        }
        List<CancelBooking> claimed = due.ConvertAll(State);
        await process.AfterCommitAsync();
        return claimed;
    }

    public async Task<bool> FinishAsync(CancelBooking saga, SagaEnd end)
    {
        await process.BeforeCommitAsync();
        BookingTable.Row row = run.Table.Rows.Single(r => r.Id == saga.Id);
        BookingTable.CancellationRow cancellation = row.Cancellation!;
        bool mine = cancellation.Epoch == saga.Epoch && cancellation.Live;
        if (mine)
        {
            (cancellation.Live, cancellation.Done) = (false, end.FailedReason is null);
            if (cancellation.Done)
            {
                row.Status = "cancelled";
                cancellation.Events++;
                run.CheckAnswer(row);
            }
        }
        await process.AfterCommitAsync();
        return mine;
    }

    public Task<TimeSpan?> UntilDueAsync(CancellationToken ct) => Task.FromResult<TimeSpan?>(null); // the simulated sweep looks at fixed intervals

    public Task RecordErrorAsync(CancelBooking saga, string? step, string error) => Task.CompletedTask;

    internal async Task<CancelBooking?> StartAsync(BookingTable.Row row, bool byCompany, bool refund)
    {
        await process.BeforeCommitAsync();
        if (row.Status != "paid" || row.Cancellation is not null)
        {
            return null;
        }
        row.Cancellation = new BookingTable.CancellationRow(byCompany, refund, run.World.Now + run.Options.Lease.Ticks);
        CancelBooking saga = State(row);
        await process.AfterCommitAsync();
        return saga;
    }

    private static CancelBooking State(BookingTable.Row row) => new(row.Id, row.Cancellation!.Epoch, DateTimeOffset.MaxValue)
    {
        CustomerId = row.Customer,
        OfferId = row.Offer,
        PriceMinor = 0,
        ByCompany = row.Cancellation.ByCompany,
        Refund = row.Cancellation.Refund,
        Note = "",
        CustomerJson = "{}",
        SnapshotJson = "{}",
    };
}
