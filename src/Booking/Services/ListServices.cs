using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Booking.Services;

/// <summary>GET /booking/services: the category tree, names by Accept-Language; no token.</summary>
internal static class ListServices
{
    internal sealed record ServiceItem(int Id, int ParentId, string Name);

    private const string Sql = "SELECT id, parent_id, CASE $1 WHEN 'en' THEN name_en ELSE name_ru END FROM service ORDER BY id";

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/booking/services", HandleAsync).WithSummary("The category tree of services").AllowAnonymous();

    private static async Task<Ok<List<ServiceItem>>> HandleAsync(Language language, NpgsqlDataSource db, CancellationToken ct) =>
        TypedResults.Ok(await db.QueryAsync(Sql, row => new ServiceItem(row.GetInt32(0), row.GetInt32(1), row.GetString(2)), ct, language.Code));
}
