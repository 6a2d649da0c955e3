using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using BookSaga.Contracts;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace BookSaga.Hosting.Idempotency;

/// <summary>
/// <c>Idempotency-Key</c> on routes that create or move money: same key and same request replays the first answer; another
/// request under the key is 422 <c>idempotency_key_reused</c>; while the first still runs it is 409 <c>idempotency_in_progress</c>.
/// Answers of 5xx and 202 and those with <c>Retry-After</c> are not kept: the work itself is idempotent by <see cref="OperationId"/>, so a repeat goes on with it.
/// </summary>
public static class IdempotencyKeys
{
    internal const string Header = "Idempotency-Key";
    internal const int MaxKeyLength = 255;
    private static readonly object ItemKey = new();

    // An abandoned lock (the process died) is taken over after 15 s, which is longer than a booking's wait; a known key with an answer is never taken.
    private const string TakeSql = """
        INSERT INTO idempotency AS i (caller, key, request_hash, operation_id, locked_until)
        VALUES ($1, $2, $3, $4, now() + interval '15 seconds')
        ON CONFLICT (caller, key) DO UPDATE SET locked_until = EXCLUDED.locked_until
            WHERE i.status IS NULL AND i.locked_until <= now() AND i.request_hash = EXCLUDED.request_hash
        RETURNING operation_id
        """;

    private const string ReadSql = "SELECT request_hash, status, headers::text, body FROM idempotency WHERE caller = $1 AND key = $2";

    // The first answer stands: after a take-over two runs of the same work may end.
    private const string StoreSql = "UPDATE idempotency SET status = $3, headers = $4::jsonb, body = $5 WHERE caller = $1 AND key = $2 AND status IS NULL";

    private const string UnlockSql = "UPDATE idempotency SET locked_until = now() WHERE caller = $1 AND key = $2";

    /// <summary>Adds the table and its clean-up. The service also calls <see cref="UseIdempotencyKeys"/> and marks routes with <see cref="WithIdempotencyKey{T}"/>.</summary>
    public static void AddIdempotencyKeys(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(new SharedMigration("0000_idempotency.sql"));
        builder.Services.AddHostedService<IdempotencyCleanup>();
    }

    /// <summary>Marks a route that takes the header.</summary>
    public static T WithIdempotencyKey<T>(this T route)
        where T : IEndpointConventionBuilder => route.WithMetadata(new Marker());

    internal static bool IsMarker(object metadata) => metadata is Marker;

    /// <summary>The id of the work that this request asks for: the same for every repeat under one key, a new UUIDv7 without one.</summary>
    public static Guid OperationId(this HttpContext context) =>
        context.Items.TryGetValue(ItemKey, out object? id) && id is Guid known ? known : Guid.CreateVersion7();

    /// <summary>Whether the caller has named this work by a key, so that it may be a repeat.</summary>
    public static bool IsUnderKey(this HttpContext context) => context.Items.ContainsKey(ItemKey);

    /// <summary>Puts the replay into the pipeline, after authentication.</summary>
    public static void UseIdempotencyKeys(this WebApplication app) => app.Use(RunAsync);

    private static async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        string key = context.Request.Headers[Header].ToString().Trim('"');
        if (key.Length == 0 || context.GetEndpoint()?.Metadata.GetMetadata<Marker>() is null || Caller.From(context.User) is not { } caller)
        {
            await next(context);
            return;
        }
        if (key.Length > MaxKeyLength)
        {
            await Problems.BadRequest($"the idempotency key is longer than {MaxKeyLength} characters", "idempotency_key_too_long").ExecuteAsync(context);
            return;
        }
        NpgsqlDataSource db = context.RequestServices.GetRequiredService<NpgsqlDataSource>();
        byte[] hash = await HashAsync(context.Request, context.RequestAborted);
        Guid operation = await db.QueryFirstAsync(TakeSql, row => row.GetGuid(0), context.RequestAborted, caller.Id, key, hash, Guid.CreateVersion7());
        if (operation == Guid.Empty)
        {
            await AnswerFromRecordAsync(context, db, caller.Id, key, hash);
            return;
        }
        context.Items[ItemKey] = operation;
        await RunAndRecordAsync(context, next, db, caller.Id, key);
    }

    private static async Task AnswerFromRecordAsync(HttpContext context, NpgsqlDataSource db, Guid caller, string key, byte[] hash)
    {
        Record? record = await db.QueryFirstAsync(
            ReadSql,
            row => new Record(row.GetFieldValue<byte[]>(0), row.Nullable<int?>(1), row.Nullable<string>(2), row.Nullable<byte[]>(3)),
            context.RequestAborted, caller, key);
        if (record is { } known && !known.Hash.AsSpan().SequenceEqual(hash))
        {
            await Problems.Of(422, "the idempotency key was used for another request", "idempotency_key_reused").ExecuteAsync(context);
        }
        else if (record is not { Status: { } status })
        {
            await Problems.Conflict("a request with this idempotency key is still running", "idempotency_in_progress").ExecuteAsync(context);
        }
        else
        {
            context.Response.StatusCode = status;
            foreach ((string name, string value) in Json.Read<Dictionary<string, string>>(record.Headers ?? "{}"))
            {
                context.Response.Headers[name] = value;
            }
            await context.Response.Body.WriteAsync(record.Body ?? [], context.RequestAborted);
        }
    }

    private static async Task RunAndRecordAsync(HttpContext context, RequestDelegate next, NpgsqlDataSource db, Guid caller, string key)
    {
        Stream client = context.Response.Body;
        using var body = new MemoryStream();
        context.Response.Body = body;
        bool recorded = false;
        try
        {
            await next(context);
            int status = context.Response.StatusCode;
            if (status is < 500 and not 202 && context.Response.Headers.RetryAfter.Count == 0)
            {
                string headers = Json.Write(context.Response.Headers.Where(h => h.Key is "Content-Type" or "Location").ToDictionary(h => h.Key, h => h.Value.ToString()));
                // The record outlives the client: a disconnect must not lose the answer.
                await db.ExecuteAsync(StoreSql, CancellationToken.None, caller, key, status, headers, body.ToArray());
                recorded = true;
            }
        }
        finally
        {
            context.Response.Body = client;
            if (!recorded)
            {
                await TryUnlockAsync(db, caller, key);
            }
        }
        body.Position = 0;
        await body.CopyToAsync(client, context.RequestAborted);
    }

    // Where this fails too the lock ends by itself; the failure that led here is the one to tell.
    private static async Task TryUnlockAsync(NpgsqlDataSource db, Guid caller, string key)
    {
        try
        {
            await db.ExecuteAsync(UnlockSql, CancellationToken.None, caller, key);
        }
        catch (NpgsqlException)
        {
        }
    }

    private static async Task<byte[]> HashAsync(HttpRequest request, CancellationToken ct)
    {
        request.EnableBuffering();
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.QueryString}\n"));
        byte[] buffer = ArrayPool<byte>.Shared.Rent(4096);
        int read;
        while ((read = await request.Body.ReadAsync(buffer, ct)) > 0)
        {
            sha.AppendData(buffer, 0, read);
        }
        ArrayPool<byte>.Shared.Return(buffer);
        request.Body.Position = 0;
        return sha.GetHashAndReset();
    }

    private sealed record Record(byte[] Hash, int? Status, string? Headers, byte[]? Body);

    private sealed class Marker;
}
