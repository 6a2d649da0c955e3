using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Customer.Bookings;

/// <summary>GET /customer/bookings: the caller's bookings and failed attempts, newest first.</summary>
internal static class ListBookings
{
    private const string Sql = $"""
        SELECT {BookingView.Columns} FROM booking b WHERE b.customer_id = $1 ORDER BY b.created_at DESC, b.id DESC LIMIT $2 OFFSET $3
        """;

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/customer/bookings", HandleAsync).WithSummary("My bookings and failed attempts, newest first");

    private static async Task<Ok<List<BookingView>>> HandleAsync(Caller caller, Page page, Language language, NpgsqlDataSource db, CancellationToken ct) =>
        TypedResults.Ok(await db.QueryAsync(Sql, row => BookingView.Read(row, language.Code), ct, caller.Id, page.Limit, page.Offset));
}
