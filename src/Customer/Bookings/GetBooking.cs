using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BookSaga.Customer.Bookings;

/// <summary>GET /customer/bookings/{id}: one booking of the caller with its timeline.</summary>
/// <remarks>404 booking not found.</remarks>
internal static class GetBooking
{
    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/customer/bookings/{id:guid}", HandleAsync).WithSummary("One booking of mine with its timeline");

    private static async Task<Results<Ok<BookingView>, ProblemHttpResult>> HandleAsync(Guid id, Caller caller, Language language, BookingReader reader, CancellationToken ct) =>
        (await reader.ReadAsync(id, caller.Id, language.Code, ct)).View is { } view
            ? TypedResults.Ok(view)
            : Problems.NotFound("booking not found");
}
