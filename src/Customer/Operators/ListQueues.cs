using BookSaga.Contracts.Queues;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Customer.Operators;

/// <summary>
/// GET /operator/queues: outboxes and mails of every service. GET /operator/dead-letters: what was refused again and again. POST
/// /operator/dead-letters/replay: try some of them again now.
/// </summary>
/// <remarks>400 unknown service, no ids. 503: the service does not answer.</remarks>
internal static class ListQueues
{
    private const int MostLetters = 100;

    /// <param name="Service">Whose.</param>
    /// <param name="Reachable">False: it does not answer, and its queues are not known.</param>
    /// <param name="Queues">By destination; none: all empty.</param>
    internal sealed record ServiceQueues(string Service, bool Reachable, IReadOnlyList<QueueView> Queues);

    internal sealed record QueueView(string Name, long Waiting, long Refused, long Dead, DateTimeOffset? Oldest, string LastError);

    internal sealed record Letter(string Service, string Id, string Queue, string Type, string BookingId, DateTimeOffset CreatedAt, int Attempts, string LastError);

    internal sealed record Letters(IReadOnlyList<Letter> DeadLetters, IReadOnlyList<string> Silent);

    /// <param name="Service">Whose dead letters.</param>
    /// <param name="Ids">Which, at most 100.</param>
    internal sealed record ReplayRequest(string? Service, string[]? Ids);

    internal sealed record ReplayAnswer(int Replayed);

    internal static void Map(IEndpointRouteBuilder operators)
    {
        operators.MapGet("/queues", QueuesAsync).WithSummary("Outboxes and mails of every service");
        operators.MapGet("/dead-letters", LettersAsync).WithSummary("Events and mails that were refused again and again");
        operators.MapPost("/dead-letters/replay", ReplayAsync).WithSummary("Try dead letters again now");
    }

    private static async Task<Ok<ServiceQueues[]>> QueuesAsync(QueueClients clients, CancellationToken ct)
    {
        (string Service, QueueList? Answer)[] answers = await clients.AskAsync(QueueClients.Services, (client, call) => client.DescribeAsync(new DescribeQueues(), call), ct);
        return TypedResults.Ok(answers.Select(a => new ServiceQueues(a.Service, a.Answer is not null, [
            .. a.Answer?.Queues.Select(q => new QueueView(q.Name, q.Waiting, q.Refused, q.Dead, q.Oldest?.ToDateTimeOffset(), q.LastError)) ?? [],
        ])).ToArray());
    }

    private static async Task<Results<Ok<Letters>, ProblemHttpResult>> LettersAsync(string? service, QueueClients clients, CancellationToken ct)
    {
        if (service is not null && !QueueClients.Services.Contains(service))
        {
            return Unknown();
        }
        (string Service, DeadLetterList? Answer)[] answers = await clients.AskAsync(
            service is null ? QueueClients.Services : [service], (client, call) => client.DeadLettersAsync(new ListDeadLetters { Limit = MostLetters }, call), ct);
        return TypedResults.Ok(new Letters(
            [
                .. answers.SelectMany(a => a.Answer?.Letters.Select(l => new Letter(a.Service, l.Id, l.Queue, l.Type, l.BookingId, l.CreatedAt.ToDateTimeOffset(), l.Attempts, l.LastError)) ?? []),
            ],
            [.. answers.Where(a => a.Answer is null).Select(a => a.Service)]));
    }

    private static async Task<Results<Ok<ReplayAnswer>, ProblemHttpResult>> ReplayAsync(ReplayRequest body, Caller caller, QueueClients clients, NpgsqlDataSource db, CancellationToken ct)
    {
        if (!QueueClients.Services.Contains(body.Service))
        {
            return Unknown();
        }
        if (body.Ids is not { Length: > 0 and <= MostLetters })
        {
            return Problems.BadRequest($"ids must be 1 to {MostLetters}", "invalid_ids");
        }
        // The journal first: what was done must be in it, what was tried may be.
        foreach (string id in body.Ids)
        {
            await db.ExecuteAsync(Journal.InsertSql, ct, caller.Id, caller.Email, "replay", $"{body.Service}/{id}", "");
        }
        (string _, Replayed? answer) = (await clients.AskAsync([body.Service!], (client, call) => client.ReplayAsync(new ReplayDeadLetters { Ids = { body.Ids } }, call), ct))[0];
        return answer is null ? Problems.Of(503, "temporarily unavailable", "unavailable", $"{body.Service} does not answer.") : TypedResults.Ok(new ReplayAnswer(answer.Count));
    }

    private static ProblemHttpResult Unknown() => Problems.BadRequest($"service must be one of {string.Join(", ", QueueClients.Services)}", "unknown_service");
}
