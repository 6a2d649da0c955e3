using System.Collections.Frozen;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace BookSaga.Hosting.People;

/// <summary>
/// Who was deleted a short while ago, by the table <c>erased_person</c>, read every second: 401 for their tokens, which nobody can call back. What is written by
/// a statement that names the table holds from the commit on.
/// </summary>
internal sealed partial class ErasedPeople(NpgsqlDataSource db, Migrator migrator, TimeProvider time, ILogger<ErasedPeople> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Longer than any access token lives; then the rows go.
    private const string ReadSql = """
        WITH old AS (DELETE FROM erased_person WHERE at < now() - interval '1 day')
        SELECT user_id FROM erased_person WHERE at >= now() - interval '1 day'
        """;

    private volatile FrozenSet<Guid> _people = FrozenSet<Guid>.Empty;

    /// <summary>Whether <paramref name="person"/> is one of them. Who is found is looked up once more: a deletion that was refused is undone at once.</summary>
    internal async ValueTask<bool> ContainsAsync(Guid person, CancellationToken ct) =>
        _people.Contains(person) && await db.QueryFirstAsync("SELECT EXISTS (SELECT FROM erased_person WHERE user_id = $1)", row => row.GetBoolean(0), ct, person);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await migrator.Completion.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                _people = (await db.QueryAsync(ReadSql, row => row.GetGuid(0), stoppingToken)).ToFrozenSet();
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                LogUnreachable(e.Message);
            }
            await Task.Delay(Interval, time, stoppingToken);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Who was deleted could not be read: {Reason}")]
    private partial void LogUnreachable(string reason);
}

/// <summary>Puts it into a service.</summary>
public static class ErasedPeopleSetup
{
    /// <summary>Adds the table and its reader. The service also calls <see cref="UseErasedPeople"/>.</summary>
    public static void AddErasedPeople(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(new SharedMigration("0000_erased.sql"));
        builder.Services.AddSingleton<ErasedPeople>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ErasedPeople>());
    }

    /// <summary>Refuses tokens of the deleted, after authentication. 401 <c>invalid claims</c>, code <c>account_deleted</c>.</summary>
    public static void UseErasedPeople(this WebApplication app)
    {
        ErasedPeople people = app.Services.GetRequiredService<ErasedPeople>();
        app.Use(async (HttpContext context, RequestDelegate next) => await (Caller.From(context.User) is { } caller && await people.ContainsAsync(caller.Id, context.RequestAborted)
            ? Problems.Of(401, "invalid claims", "account_deleted", "This account was deleted.").ExecuteAsync(context)
            : next(context)));
    }
}
