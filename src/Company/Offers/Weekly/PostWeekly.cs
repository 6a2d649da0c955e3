using System.ComponentModel;
using BookSaga.Company.Managers;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Http;
using BookSaga.Hosting.Idempotency;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BookSaga.Company.Offers.Weekly;

/// <summary>
/// POST /company/{id}/offers/weekly: a manager posts the offers of a weekly pattern, at most 2,000. 201 when all are posted, 202 with <c>Location</c> while
/// it goes on; with <c>preview=true</c> 200 with what would be posted, and nothing is.
/// </summary>
/// <remarks>404 company not found. 403 forbidden. 400: a field is not what it should be, named by the code <c>invalid_…</c>; service not found; <c>too_many_offers</c>.</remarks>
internal static class PostWeekly
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    internal static void Map(IEndpointRouteBuilder company) =>
        company.MapPost("/{id:long}/offers/weekly", HandleAsync).WithSummary("Post the offers of a weekly pattern").WithIdempotencyKey();

    private static async Task<Results<Ok<WeeklyView>, Created<WeeklyView>, Accepted<WeeklyView>, ProblemHttpResult>> HandleAsync(
        long id, [Description("true: nothing is posted, the answer says what would be.")] bool? preview, WeeklyRequest? body, Caller caller, HttpContext context,
        NpgsqlDataSource db, WeeklyStore store, WeeklyRun run, IOptions<WeeklyOptions> options, TimeProvider time, CancellationToken ct)
    {
        if (await Rights.RefusalAsync(db, id, caller, Roles.Manager, ct) is { } refusal)
        {
            return refusal;
        }
        if (Read(body, id, caller, context, out WeeklyBatch batch) is { } problem)
        {
            return problem;
        }
        if (await run.PreviewAsync(batch with { Outcomes = [.. batch.Outcomes] }) is not { } expected)
        {
            return Problems.BadRequest("service not found");
        }
        if (preview == true)
        {
            return TypedResults.Ok(WeeklyView.Of(null, false, batch.Slots, expected));
        }
        long start = time.GetTimestamp();
        if (await store.StartAsync(batch, ct) is { } started)
        {
            // It goes on without who waits for it.
            await Task.WhenAny(run.DriveAsync(started), Task.Delay(options.Value.WaitLimit, time, ct));
        }
        while (true)
        {
            WeeklyView view = await store.FindAsync(batch.Id, id, ct) ?? throw new System.Diagnostics.UnreachableException("a started batch has a row");
            string location = $"/api/v1/company/{id}/offers/weekly/{batch.Id}";
            if (view.Status == "done")
            {
                return TypedResults.Created(location, view);
            }
            if (time.GetElapsedTime(start) >= options.Value.WaitLimit)
            {
                return TypedResults.Accepted(location, view);
            }
            await Task.Delay(Poll, time, ct);
        }
    }

    private static ProblemHttpResult? Read(WeeklyRequest? body, long company, Caller caller, HttpContext context, out WeeklyBatch batch)
    {
        string description = Text.Clean(body?.Description);
        batch = new WeeklyBatch(context.OperationId(), 1, company, caller.Id, 0, 0, description, [], []);
        if (body is not { ServiceId: { } service, Price: { } price, TimeZone.Length: > 0, From.Length: > 0, To.Length: > 0 })
        {
            return Problems.BadRequest("service_id, price, time_zone, from, to and days are required", "missing_field");
        }
        if (!Money.TryToMinor(price, out long priceMinor))
        {
            return Problems.BadRequest("price must be above 0 with at most two decimals", "invalid_price");
        }
        if (Text.Check("description", description, AddOffer.MaxDescription) is { } unfit)
        {
            return unfit;
        }
        if (WeeklyPattern.Read(body, out WeeklyPattern pattern) is { } problem)
        {
            return problem;
        }
        IReadOnlyList<WeeklySlot> slots = pattern.Slots();
        batch = batch with { ServiceId = service, PriceMinor = priceMinor, Slots = slots, Outcomes = WeeklyBatch.Start(slots) };
        return null;
    }
}
