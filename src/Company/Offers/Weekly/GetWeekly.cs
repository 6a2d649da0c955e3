using BookSaga.Company.Managers;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Company.Offers.Weekly;

/// <summary>GET /company/{id}/offers/weekly/{batchId}: how far a weekly pattern is, for the company's managers; kept for 30 days.</summary>
/// <remarks>404 company not found, batch not found. 403 forbidden.</remarks>
internal static class GetWeekly
{
    internal static void Map(IEndpointRouteBuilder company) =>
        company.MapGet("/{id:long}/offers/weekly/{batchId:guid}", HandleAsync).WithSummary("How far a weekly pattern is");

    private static async Task<Results<Ok<WeeklyView>, ProblemHttpResult>> HandleAsync(
        long id, Guid batchId, Caller caller, NpgsqlDataSource db, WeeklyStore store, CancellationToken ct)
    {
        if (await Rights.RefusalAsync(db, id, caller, Roles.Manager, ct) is { } refusal)
        {
            return refusal;
        }
        return await store.FindAsync(batchId, id, ct) is { } view ? TypedResults.Ok(view) : Problems.NotFound("batch not found");
    }
}
