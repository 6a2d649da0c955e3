using BookSaga.Contracts.Booking;
using BookSaga.Hosting;
using BookSaga.Hosting.Data;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Booking.Reservations;

/// <summary>
/// The saga's steps on claims. Calls that arrive together become one statement and one commit; each item gets its own outcome, and a batch
/// that fails as a whole is run item by item: a bad one is answered UNSPECIFIED.
/// </summary>
internal sealed class ReservationSteps
{
    private readonly StepConnections _connections;
    private readonly Batcher<ReserveOffer, ReserveOutcome> _reserve;
    private readonly Batcher<ClaimKey, ClaimOutcome> _confirm;
    private readonly Batcher<ClaimKey, ClaimOutcome> _release;

    public ReservationSteps(StepConnections connections, IOptions<BookingOptions> options)
    {
        _connections = connections;
        bool allowPast = options.Value.AllowPast;
        _reserve = Step<ReserveOffer, ReserveOutcome>((connection, items) => ClaimBatches.ReserveAsync(connection, items, allowPast));
        _confirm = Step<ClaimKey, ClaimOutcome>(ClaimBatches.ConfirmAsync);
        _release = Step<ClaimKey, ClaimOutcome>(ClaimBatches.ReleaseAsync);
    }

    /// <summary>Holds open offers for bookings.</summary>
    internal Task<ReserveOutcome>[] Reserve(IReadOnlyList<ReserveOffer> items) => _reserve.RunTogether(items).OrOutcomes(static fault => new ReserveOutcome { Reason = fault });

    /// <summary>Makes held claims sales.</summary>
    internal Task<ClaimOutcome>[] Confirm(IReadOnlyList<ClaimKey> items) => _confirm.RunTogether(items).OrOutcomes(static fault => new ClaimOutcome { Reason = fault });

    /// <summary>Opens held offers again, or leaves tombstones for a Reserve that is still to come.</summary>
    internal Task<ClaimOutcome>[] Release(IReadOnlyList<ClaimKey> items) => _release.RunTogether(items).OrOutcomes(static fault => new ClaimOutcome { Reason = fault });

    private Batcher<TItem, TOutcome> Step<TItem, TOutcome>(Func<NpgsqlConnection, IReadOnlyList<TItem>, Task<IReadOnlyList<TOutcome>>> run) =>
        new(items => _connections.RunAsync(connection => run(connection, items)), isolate: static e => e is PostgresException);
}
