using BookSaga.Company.Managers;
using BookSaga.Contracts;
using BookSaga.Contracts.Booking;
using BookSaga.Contracts.Customer;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Http;
using BookSaga.Hosting.Idempotency;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Cancelled = BookSaga.Contracts.Customer.CancelByCompanyReply.Types.Code;
using Withdrawn = BookSaga.Contracts.Booking.WithdrawOutcome.Types.Code;

namespace BookSaga.Company.Offers;

/// <summary>
/// POST /company/{id}/offers/{offerId}/cancel: a manager takes an open, reserved or paid offer back, with a <c>reason</c> for the client. A paid one is
/// refunded in full first: 200 with the offer when the money is back, 202 while the refund still runs.
/// </summary>
/// <remarks>404 company not found, offer not found. 403 forbidden. 400 reason is required. 409 <c>offer_closed</c>, <c>booking_completed</c>, <c>cancel_refused</c>, <c>booking_unfinished</c>.</remarks>
internal static class CancelOffer
{
    internal sealed record Request(string? Reason);

    internal sealed record Running(string Status, string BookingId);

    private const int MaxReason = 500;

    internal static void Map(IEndpointRouteBuilder company) => company.MapPost("/{id:long}/offers/{offerId:long}/cancel", HandleAsync).WithSummary("Take an offer back, with a refund if it is paid")
        .WithIdempotencyKey().Produces<Contracts.Offer>().Produces<Running>(StatusCodes.Status202Accepted);

    private static async Task<IResult> HandleAsync(
        long id, long offerId, Request? body, Language language, Caller caller, HttpContext context, NpgsqlDataSource db, Neighbours neighbours, CancellationToken ct)
    {
        if (await Rights.RefusalAsync(db, id, caller, Roles.Manager, ct) is { } refusal)
        {
            return refusal;
        }
        string reason = Text.Clean(body?.Reason);
        if (reason.Length == 0)
        {
            return Problems.BadRequest("reason is required");
        }
        if (Text.Check("reason", reason, MaxReason) is { } problem)
        {
            return problem;
        }
        var command = new WithdrawOffer { CompanyId = id, OfferId = offerId, Reason = reason, By = caller.Id.ToString(), Language = language.Code };
        WithdrawOutcome outcome = await neighbours.Offers.WithdrawAsync(command, deadline: neighbours.Deadline(), cancellationToken: ct);
        return outcome.Code switch
        {
            Withdrawn.Withdrawn => Offer(outcome),
            Withdrawn.Paid => await CancelPaidAsync(command, outcome.BookingId, context, neighbours, ct),
            Withdrawn.Closed when IsCompleted(outcome) => Problems.Conflict("the booking cannot be cancelled", "booking_completed"),
            // A repeat: the first answer was lost, or was that the refund still runs.
            Withdrawn.Closed when context.IsUnderKey() && IsCancelledFor(outcome, reason) => Offer(outcome),
            Withdrawn.Closed => Problems.Conflict("offer is already closed", "offer_closed"),
            Withdrawn.NotFound => Problems.NotFound("offer not found"),
            _ => throw Neighbours.Unplanned(outcome.Code),
        };
    }

    // The money goes back in a saga of customer's, which closes the offer as its last step.
    private static async Task<IResult> CancelPaidAsync(WithdrawOffer command, string bookingId, HttpContext context, Neighbours neighbours, CancellationToken ct)
    {
        CancelByCompanyReply reply = await neighbours.Bookings.CancelByCompanyAsync(
            new CancelByCompanyRequest { BookingId = bookingId, CompanyId = command.CompanyId, Reason = command.Reason, ManagerId = command.By },
            deadline: neighbours.SagaDeadline(), cancellationToken: ct);
        return reply.Code switch
        {
            // Withdrawing a closed offer changes nothing and shows it.
            Cancelled.Cancelled => Offer(await neighbours.Offers.WithdrawAsync(command, deadline: neighbours.Deadline(), cancellationToken: ct)),
            Cancelled.Running => TypedResults.Accepted($"/api/v1/company/{command.CompanyId}/offers", new Running("refunding", bookingId)),
            Cancelled.Refused when reply.Reason == "booking_completed" => Problems.Conflict("the booking cannot be cancelled", "booking_completed"),
            // The offer is paid a moment before customer has recorded the booking's end, and until then it knows no company for it.
            Cancelled.NotFound => Unfinished(context),
            Cancelled.Refused when reply.Reason == "booking_pending" => Unfinished(context),
            Cancelled.Refused => Problems.Of(409, "the booking cannot be cancelled", "cancel_refused", reply.Reason),
            _ => throw Neighbours.Unplanned(reply.Code),
        };
    }

    private static ProblemHttpResult Unfinished(HttpContext context) =>
        Problems.TryAgain(context, "the booking cannot be cancelled", "booking_unfinished", "The booking is being finished at this moment; try again.");

    private static bool IsCompleted(WithdrawOutcome outcome) => Json.Read<Offer>(outcome.OfferJson).Status == "completed";

    private static bool IsCancelledFor(WithdrawOutcome outcome, string reason) =>
        Json.Read<Offer>(outcome.OfferJson) is { Status: "canceled_by_company" } offer && offer.CancelReason == reason;

    private static ContentHttpResult Offer(WithdrawOutcome outcome) => TypedResults.Text(outcome.OfferJson, "application/json");
}
