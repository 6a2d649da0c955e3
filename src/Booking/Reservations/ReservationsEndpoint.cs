using BookSaga.Contracts.Booking;
using BookSaga.Hosting;
using Grpc.Core;
using Npgsql;

namespace BookSaga.Booking.Reservations;

/// <summary>The saga's internal calls. A caller that goes away changes nothing: what was begun is finished.</summary>
internal sealed class ReservationsEndpoint(ReservationSteps steps, NpgsqlDataSource db) : Contracts.Booking.Reservations.ReservationsBase
{
    public override async Task<ReserveOutcomes> Reserve(ReserveBatch request, ServerCallContext context) =>
        new() { Outcomes = { await SagaTrace.StepsAsync("ReserveOffer", request.Items, i => i.BookingId, steps.Reserve, o => ($"{o.Code}", o.Reason)) } };

    public override async Task<ClaimOutcomes> Confirm(ClaimBatch request, ServerCallContext context) =>
        new() { Outcomes = { await ClaimsAsync("ConfirmOffer", request.Items, steps.Confirm) } };

    public override async Task<ClaimOutcomes> Release(ClaimBatch request, ServerCallContext context) =>
        new() { Outcomes = { await ClaimsAsync("ReleaseOffer", request.Items, steps.Release) } };

    public override async Task<ClaimOutcome> Cancel(CancelClaim request, ServerCallContext context) =>
        (await ClaimsAsync("CancelClaim", [request.Key], _ => [CancelPaidClaim.HandleAsync(request, db)]))[0];

    public override Task<ClaimDescription> Describe(ClaimKey request, ServerCallContext context) =>
        DescribeClaim.HandleAsync(request, db, context.CancellationToken);

    private static Task<ClaimOutcome[]> ClaimsAsync(string name, IReadOnlyList<ClaimKey> items, Func<IReadOnlyList<ClaimKey>, Task<ClaimOutcome>[]> steps) =>
        SagaTrace.StepsAsync(name, items, i => i.BookingId, steps, o => ($"{o.Code}", o.Code == ClaimOutcome.Types.Code.Done ? "" : o.Reason));
}
