using BookSaga.Contracts.Booking;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Booking.Offers;

/// <summary>The internal calls about offers; the company service has checked who asks.</summary>
internal sealed class OffersEndpoint(NpgsqlDataSource db, IOptions<BookingOptions> options, TimeProvider time) : Contracts.Booking.Offers.OffersBase
{
    public override Task<AddOfferReply> Add(AddOffer request, ServerCallContext context) =>
        PostOffer.HandleAsync(request, db, options.Value, time, context.CancellationToken);

    public override Task<OffersJson> ListByCompany(ListOffers request, ServerCallContext context) =>
        ListCompanyOffers.HandleAsync(request, db, context.CancellationToken);

    public override Task<WithdrawOutcome> Withdraw(WithdrawOffer request, ServerCallContext context) =>
        WithdrawOpenOffer.HandleAsync(request, db, context.CancellationToken);
}
