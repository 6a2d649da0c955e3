using BookSaga.Contracts.Customer;
using BookSaga.Customer.Sagas;
using BookSaga.Hosting.Data;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Customer.Bookings;

/// <summary>Bookings.CancelByCompany: the company service has checked that a manager asks; here it is checked that the booking is that company's.</summary>
internal sealed class BookingsEndpoint(CancelBookingRun run, NpgsqlDataSource db, IOptions<SagaOptions> options, TimeProvider time)
    : Contracts.Customer.Bookings.BookingsBase
{
    private const string OwnerSql = "SELECT live, company_id FROM booking WHERE id = $1";

    public override async Task<CancelByCompanyReply> CancelByCompany(CancelByCompanyRequest request, ServerCallContext context)
    {
        var booking = Guid.Parse(request.BookingId);
        if (await OwnerAsync(booking, context.CancellationToken) != request.CompanyId)
        {
            return new CancelByCompanyReply { Code = CancelByCompanyReply.Types.Code.NotFound };
        }
        Guid? manager = request.ManagerId.Length > 0 ? Guid.Parse(request.ManagerId) : null;
        (CancelBookingRun.Result result, string reason) = await run.CancelAsync(booking, byCompany: true, request.Reason, context.CancellationToken, manager);
        return new CancelByCompanyReply
        {
            Code = result switch
            {
                CancelBookingRun.Result.Cancelled => CancelByCompanyReply.Types.Code.Cancelled,
                CancelBookingRun.Result.Running => CancelByCompanyReply.Types.Code.Running,
                _ => CancelByCompanyReply.Types.Code.Refused,
            },
            Reason = reason,
        };
    }
    // Whose offer it is, is known when the booking's saga has ended; booking may say "paid" a moment before that.
    private async Task<long?> OwnerAsync(Guid booking, CancellationToken ct)
    {
        long start = time.GetTimestamp();
        while (true)
        {
            (bool live, long? company) = await db.QueryFirstAsync(OwnerSql, row => (row.GetBoolean(0), row.Nullable<long?>(1)), ct, booking);
            if (!live || time.GetElapsedTime(start) >= options.Value.WaitLimit)
            {
                return company;
            }
            await Task.Delay(CancelBookingRun.Poll, time, ct);
        }
    }
}
