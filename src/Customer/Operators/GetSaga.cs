using BookSaga.Contracts.Queues;
using BookSaga.Customer.Bookings;
using BookSaga.Customer.Sagas;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Grpc.Core;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Customer.Operators;

/// <summary>
/// GET /operator/sagas/{id}: a booking with its cancellation if there is one, the timeline from all services, its mails, and what operators did to it.
/// A service that does not answer within a second is named in <c>silent</c>.
/// </summary>
/// <remarks>404 saga not found.</remarks>
internal static class GetSaga
{
    private const string Sql = $"SELECT {SagaRow.Columns} FROM saga WHERE id = $3 ORDER BY kind";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    internal sealed record MailView(long Id, string Kind, string Audience, string MessageId, string State, int Attempts, string LastError, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt);

    /// <param name="Sagas">The booking, then its cancellation.</param>
    /// <param name="Timeline">Every step, from its owner.</param>
    /// <param name="Mails">To the client and to the company.</param>
    /// <param name="Actions">What operators did, oldest first.</param>
    /// <param name="Silent">Services whose part is missing.</param>
    internal sealed record View(IReadOnlyList<SagaRow> Sagas, IReadOnlyList<TimelineEntry> Timeline, IReadOnlyList<MailView> Mails, IReadOnlyList<Journal.Line> Actions, IReadOnlyList<string> Silent);

    internal static void Map(IEndpointRouteBuilder operators) => operators.MapGet("/sagas/{id:guid}", HandleAsync).WithSummary("One saga: attempts, timeline, mails, actions");

    private static async Task<Results<Ok<View>, ProblemHttpResult>> HandleAsync(
        Guid id, NpgsqlDataSource db, BookingReader reader, Mails.MailsClient mails, IOptions<SagaOptions> options, TimeProvider time, Language language, CancellationToken ct)
    {
        List<SagaRow> sagas = await db.QueryAsync(Sql, SagaRow.Read, ct, options.Value.StuckAfterAttempts, options.Value.StuckAfter, id);
        if (sagas.Count == 0)
        {
            return Problems.NotFound("saga not found");
        }
        var silent = new List<string>();
        (BookingView? view, bool complete) = await reader.ReadAsync(id, sagas[0].CustomerId, language.Code, ct);
        if (!complete)
        {
            silent.Add("booking or payment");
        }
        MailView[] sent = [];
        try
        {
            MailList list = await mails.OfBookingAsync(new BookingMails { BookingId = id.ToString() }, deadline: (time.GetUtcNow() + Patience).UtcDateTime, cancellationToken: ct);
            sent = [.. list.Mails.Select(m => new MailView(m.Id, m.Kind, m.Audience, m.MessageId, m.State, m.Attempts, m.LastError, m.CreatedAt.ToDateTimeOffset(), m.FinishedAt?.ToDateTimeOffset()))];
        }
        catch (RpcException)
        {
            silent.Add("notification");
        }
        return TypedResults.Ok(new View(sagas, view?.Timeline ?? [], sent, await Journal.OfAsync(db, id.ToString(), ct), silent));
    }
}
