using BookSaga.Contracts;
using BookSaga.Contracts.People;
using BookSaga.Hosting.Data;
using BookSaga.Payment.Accounts;
using Grpc.Core;
using Npgsql;

namespace BookSaga.Payment.People;

/// <summary>What payment keeps of a person: an account and transfers under their id, which names nobody. They stay; the account is closed.</summary>
internal sealed class PeopleEndpoint(NpgsqlDataSource db) : Contracts.People.People.PeopleBase
{
    private const string CloseSql = "SELECT close_account($1, $2)";

    // Answers of requests; they have what was asked.
    private const string EraseSql = "DELETE FROM idempotency WHERE caller = $1";

    private const int PieceSize = 500;

    /// <summary>The statement.</summary>
    public override async Task Export(Person request, IServerStreamWriter<Piece> responseStream, ServerCallContext context)
    {
        IAsyncEnumerable<Transaction> lines = ListTransactions.AllAsync(db, Guid.Parse(request.UserId), context.CancellationToken);
        await foreach (Transaction[] piece in lines.Chunk(PieceSize).WithCancellation(context.CancellationToken))
        {
            await responseStream.WriteAsync(new Piece { Json = Json.Write(piece) }, context.CancellationToken);
        }
    }

    /// <summary>Closes the account unless money would be lost that was not given up; it is not opened again.</summary>
    public override async Task<Prepared> Prepare(Person request, ServerCallContext context) => new()
    {
        Code = await db.QueryFirstAsync(CloseSql, row => row.GetString(0), CancellationToken.None, Guid.Parse(request.UserId), request.GiveUpBalance) == "closed"
            ? Prepared.Types.Code.Ok
            : Prepared.Types.Code.BalanceRemains,
    };

    public override async Task<Erased> Erase(Person request, ServerCallContext context)
    {
        await db.ExecuteAsync(EraseSql, context.CancellationToken, Guid.Parse(request.UserId));
        return new Erased();
    }
}
