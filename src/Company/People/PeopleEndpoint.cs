using BookSaga.Company.Companies;
using BookSaga.Company.Managers;
using BookSaga.Contracts;
using BookSaga.Contracts.Booking;
using BookSaga.Contracts.People;
using BookSaga.Hosting.Data;
using Grpc.Core;
using Npgsql;

namespace BookSaga.Company.People;

/// <summary>What company keeps of a person: which companies they manage. A company whose only admin goes is deactivated; one with offers ahead holds them back.</summary>
internal sealed class PeopleEndpoint(NpgsqlDataSource db, CompanyChanges changes, Neighbours neighbours) : Contracts.People.People.PeopleBase
{
    /// <param name="CompanyId">The company.</param>
    /// <param name="Name">Its name.</param>
    /// <param name="Role"><c>admin</c> or <c>manager</c>.</param>
    /// <param name="Since">When the person joined or was invited, UTC.</param>
    private sealed record Membership(long CompanyId, string Name, string Role, DateTimeOffset Since);

    private const string MembershipsSql = "SELECT c.id, c.name, m.role, m.created_at FROM manager m JOIN company c ON c.id = m.company_id WHERE m.user_id = $1 ORDER BY c.id";

    private const string BlockSql = "INSERT INTO erased_person (user_id) VALUES ($1) ON CONFLICT DO NOTHING";

    private const string UnblockSql = "DELETE FROM erased_person WHERE user_id = $1";

    // A change of managers that was under way does not know of the block; it ends before this does.
    private const string WaitSql = "SELECT FROM company WHERE id IN (SELECT company_id FROM manager WHERE user_id = $1) ORDER BY id FOR UPDATE";

    private const string AloneSql = $"SELECT m.company_id FROM manager m WHERE m.user_id = $1 AND {LastAdmin.Sql}";

    private const string DeactivateSql = $"""
        UPDATE company c SET active = false, email = CASE WHEN lower(c.email) = $3 THEN '' ELSE c.email END, updated_at = now()
        WHERE c.id = $1 AND EXISTS (SELECT FROM manager m WHERE m.company_id = c.id AND m.user_id = $2 AND {LastAdmin.SqlWithLeaving})
        """;

    private const string LeaveSql = "DELETE FROM manager WHERE company_id = $1 AND user_id = $2";

    // Invitations that were never taken up are for the address.
    private const string ForgetSql = """
        WITH invited AS (DELETE FROM manager WHERE user_id IS NULL AND email = $2), answers AS (DELETE FROM idempotency WHERE caller = $1)
        INSERT INTO erased_person (user_id) VALUES ($1) ON CONFLICT DO NOTHING
        """;

    public override async Task Export(Person request, IServerStreamWriter<Piece> responseStream, ServerCallContext context) =>
        await responseStream.WriteAsync(new Piece { Json = Json.Write(await MembershipsAsync(request, context.CancellationToken)) }, context.CancellationToken);

    public override async Task<Prepared> Prepare(Person request, ServerCallContext context)
    {
        CancellationToken ct = context.CancellationToken;
        var person = Guid.Parse(request.UserId);
        // Blocked before it is looked, so that what is seen stays so.
        await db.ExecuteAsync(BlockSql, ct, person);
        await db.ExecuteAsync(WaitSql, ct, person);
        List<long> alone = await db.QueryAsync(AloneSql, row => row.GetInt64(0), ct, person);
        if (alone.Count > 0 && (await neighbours.Offers.HasOffersAheadAsync(new CompanyIds { Ids = { alone } }, deadline: neighbours.Deadline(), cancellationToken: ct)).Any)
        {
            await db.ExecuteAsync(UnblockSql, CancellationToken.None, person);
            return new Prepared { Code = Prepared.Types.Code.LastAdmin };
        }
        return new Prepared { Code = Prepared.Types.Code.Ok, CompanyIds = { (await MembershipsAsync(request, ct)).Select(m => m.CompanyId) } };
    }

    public override async Task<Restored> Restore(Person request, ServerCallContext context)
    {
        await db.ExecuteAsync(UnblockSql, context.CancellationToken, Guid.Parse(request.UserId));
        return new Restored();
    }

    public override async Task<Erased> Erase(Person request, ServerCallContext context)
    {
        var person = Guid.Parse(request.UserId);
        foreach (Membership membership in await MembershipsAsync(request, context.CancellationToken))
        {
            await changes.ChangeAsync(
                membership.CompanyId,
                async connection =>
                {
                    await using NpgsqlCommand deactivate = connection.Sql(DeactivateSql, membership.CompanyId, person, request.Email);
                    await deactivate.ExecuteNonQueryAsync(context.CancellationToken);
                    await using NpgsqlCommand leave = connection.Sql(LeaveSql, membership.CompanyId, person);
                    await leave.ExecuteNonQueryAsync(context.CancellationToken);
                },
                context.CancellationToken);
        }
        await db.ExecuteAsync(ForgetSql, context.CancellationToken, person, request.Email);
        await changes.ToldAsync(context.CancellationToken);
        return new Erased();
    }

    private Task<List<Membership>> MembershipsAsync(Person request, CancellationToken ct) => db.QueryAsync(
        MembershipsSql, row => new Membership(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetFieldValue<DateTimeOffset>(3)), ct, Guid.Parse(request.UserId));
}
