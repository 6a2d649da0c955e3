using BookSaga.Contracts.Booking;
using Grpc.Core;
using Npgsql;

namespace BookSaga.Booking.Reservations;

/// <summary>The saga's internal calls. A caller that goes away changes nothing: what was begun is finished.</summary>
internal sealed class ReservationsEndpoint(ReservationSteps steps, NpgsqlDataSource db) : Contracts.Booking.Reservations.ReservationsBase
{
    public override async Task<ReserveOutcomes> Reserve(ReserveBatch request, ServerCallContext context) =>
        new() { Outcomes = { await Task.WhenAll(request.Items.Select(steps.ReserveAsync)) } };

    public override async Task<ClaimOutcomes> Confirm(ClaimBatch request, ServerCallContext context) =>
        new() { Outcomes = { await Task.WhenAll(request.Items.Select(steps.ConfirmAsync)) } };

    public override async Task<ClaimOutcomes> Release(ClaimBatch request, ServerCallContext context) =>
        new() { Outcomes = { await Task.WhenAll(request.Items.Select(steps.ReleaseAsync)) } };

    public override Task<ClaimOutcome> Cancel(CancelClaim request, ServerCallContext context) =>
        CancelPaidClaim.HandleAsync(request, db);

    public override Task<ClaimDescription> Describe(ClaimKey request, ServerCallContext context) =>
        DescribeClaim.HandleAsync(request, db, context.CancellationToken);
}
