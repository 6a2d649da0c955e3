using System.ComponentModel;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Customer.Bookings;

/// <summary>
/// GET /customer/bookings: the caller's bookings and failed attempts, newest first. <c>status</c> (separated by commas) and <c>when</c> are optional:
/// <c>upcoming</c> are those that are paid or being paid and whose appointment is ahead, soonest first; <c>past</c> are all others.
/// </summary>
/// <remarks>400: a parameter that is not what it should be.</remarks>
internal static class ListBookings
{
    private const string Upcoming = "(b.status = 'pending' OR (b.status = 'paid' AND (b.snapshot->'offer'->>'datetime')::timestamptz > now()))";

    private static readonly string[] s_statuses = ["pending", "paid", "failed", "cancelled", "completed"];

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/customer/bookings", HandleAsync).WithSummary("My bookings and failed attempts, newest first");

    private static async Task<Ok<List<BookingView>>> HandleAsync(
        [Description("Repeated, or separated by commas.")] string[]? status,
        [Description("upcoming or past.")] string? when,
        Caller caller, Page page, Language language, NpgsqlDataSource db, CancellationToken ct)
    {
        string[] statuses = QueryValues.Choices("status", status, s_statuses);
        return TypedResults.Ok(await db.QueryAsync(
            Sql(when, statuses.Length > 0), row => BookingView.Read(row, language.Code), ct, [caller.Id, page.Limit, page.Offset, .. statuses.Length > 0 ? [statuses] : Array.Empty<object>()]));
    }

    private static string Sql(string? when, bool someStatuses)
    {
        (string condition, string order) = when switch
        {
            null or "" => ("", ""),
            "upcoming" => (" AND " + Upcoming, "(b.snapshot->'offer'->>'datetime')::timestamptz NULLS FIRST, "),
            "past" => ($" AND NOT {Upcoming}", ""),
            _ => throw new InvalidParameterException("when must be upcoming or past"),
        };
        return $"""
            SELECT {BookingView.Columns} FROM booking b WHERE b.customer_id = $1{condition}{(someStatuses ? " AND b.status = ANY ($4)" : "")}
            ORDER BY {order}b.created_at DESC, b.id DESC LIMIT $2 OFFSET $3
            """;
    }
}
