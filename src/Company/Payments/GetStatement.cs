using System.ComponentModel;
using BookSaga.Company.Managers;
using BookSaga.Contracts.Payment;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Http;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Company.Payments;

/// <summary>GET /company/{id}/payment/transactions.csv: the company's statement as a file, oldest first, for its managers; all of it, or <c>from</c> … <c>to</c> (inclusive).</summary>
/// <remarks>404 company not found. 403 forbidden. 400: from or to is no time.</remarks>
internal static class GetStatement
{
    internal static void Map(IEndpointRouteBuilder company) => company.MapGet("/{id:long}/payment/transactions.csv", HandleAsync)
        .WithSummary("The company's statement as a CSV file, oldest first").Produces<string>(StatusCodes.Status200OK, "text/csv").ProducesProblem(StatusCodes.Status403Forbidden);

    private static async Task HandleAsync(
        long id, [Description("RFC 3339, inclusive.")] string? from, [Description("RFC 3339, inclusive.")] string? to, Caller caller, HttpContext context,
        NpgsqlDataSource db, Neighbours neighbours, CancellationToken ct)
    {
        var key = new StatementKey { CompanyId = id, From = Time("from", from), To = Time("to", to) };
        if (await Rights.RefusalAsync(db, id, caller, Roles.Manager, ct) is ProblemHttpResult refusal)
        {
            await refusal.ExecuteAsync(context);
            return;
        }
        using AsyncServerStreamingCall<StatementText> call = neighbours.Payments.StatementOfCompany(key, deadline: neighbours.SagaDeadline(), cancellationToken: ct);
        // The first piece before the first byte: a payment service that is away is 503, not half a file.
        bool more = await call.ResponseStream.MoveNext(ct);
        Attachment.Begin(context, "text/csv; charset=utf-8", $"transactions-{id}.csv");
        for (; more; more = await call.ResponseStream.MoveNext(ct))
        {
            await context.Response.WriteAsync(call.ResponseStream.Current.Text, ct);
        }
    }

    private static Timestamp? Time(string name, string? text) => QueryValues.Time(name, text) is { } time ? Timestamp.FromDateTimeOffset(time) : null;
}
