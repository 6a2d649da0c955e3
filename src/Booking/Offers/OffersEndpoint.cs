using BookSaga.Contracts.Booking;
using BookSaga.Hosting.Data;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Booking.Offers;

/// <summary>The internal calls about offers; the company service has checked who asks.</summary>
internal sealed class OffersEndpoint(NpgsqlDataSource db, IOptions<BookingOptions> options, TimeProvider time) : Contracts.Booking.Offers.OffersBase
{
    private const string AheadSql =
        "SELECT EXISTS (SELECT FROM offer WHERE company_id = ANY ($1) AND datetime > now() AND status IN ('open', 'reserved', 'paid'))";

    public override Task<AddOfferReply> Add(AddOffer request, ServerCallContext context) =>
        PostOffer.HandleAsync(request, db, options.Value, time, context.CancellationToken);

    public override Task<AddOffersReply> AddMany(AddOffers request, ServerCallContext context) =>
        PostOffers.HandleAsync(request, db, options.Value, time, context.CancellationToken);

    public override async Task<OffersAhead> HasOffersAhead(CompanyIds request, ServerCallContext context) =>
        new() { Any = await db.QueryFirstAsync(AheadSql, row => row.GetBoolean(0), context.CancellationToken, request.Ids.ToArray()) };

    public override Task<OffersJson> ListByCompany(ListOffers request, ServerCallContext context) =>
        ListCompanyOffers.HandleAsync(request, db, context.CancellationToken);

    public override Task<WithdrawOutcome> Withdraw(WithdrawOffer request, ServerCallContext context) =>
        WithdrawOpenOffer.HandleAsync(request, db, context.CancellationToken);
}
