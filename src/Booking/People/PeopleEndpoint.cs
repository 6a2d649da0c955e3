using BookSaga.Contracts.People;
using BookSaga.Hosting.Data;
using Grpc.Core;
using Npgsql;

namespace BookSaga.Booking.People;

/// <summary>What booking keeps of a person: who has an offer, as its company sees it. The offers stay, under the person's id.</summary>
internal sealed class PeopleEndpoint(NpgsqlDataSource db) : Contracts.People.People.PeopleBase
{
    // A reason of the client's own is their words.
    private const string EraseSql = """
        UPDATE offer SET customer = json_build_object('id', customer_id, 'first_name', '', 'last_name', '', 'email', ''),
            cancel_reason = CASE WHEN status = 'canceled_by_customer' THEN NULL ELSE cancel_reason END
        WHERE customer_id = $1
        """;

    public override async Task<Erased> Erase(Person request, ServerCallContext context)
    {
        await db.ExecuteAsync(EraseSql, context.CancellationToken, Guid.Parse(request.UserId));
        return new Erased();
    }
}
