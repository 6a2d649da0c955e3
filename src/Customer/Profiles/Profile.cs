using System.Data.Common;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using NpgsqlTypes;

namespace BookSaga.Customer.Profiles;

/// <summary>GET /customer/profile: the caller's profile, made from the token's claims at need. PUT: replaces names, place, language, time zone and reminders.</summary>
/// <remarks>400 first name is required, last name is required, invalid location, invalid locale, invalid time zone, name too long.</remarks>
internal static class Profile
{
    internal sealed record Request(string? FirstName, string? LastName, double[]? Location, string? Locale, string? TimeZone, ReminderChoice? Reminders);

    internal sealed record View(
        Guid Id, string FirstName, string LastName, string Email, string? Photo, string? Phone, double[]? Location, string? Locale, string? TimeZone,
        ReminderChoice Reminders, DateTimeOffset Created, DateTimeOffset Updated);

    private const int MaxNameLength = 255;
    private const string Columns = "p.id, p.first_name, p.last_name, p.email, p.photo, p.phone, p.location, p.locale, p.time_zone, p.created, p.updated";

    private const string ReadSql = $"""
        SELECT {Columns}, coalesce(r.day_before, true), coalesce(r.hour_before, true) FROM profile p LEFT JOIN reminder_choice r ON r.customer_id = p.id WHERE p.id = $1
        """;

    private const string CreateSql = """
        INSERT INTO profile (id, email, first_name, last_name) SELECT $1, $2, $3, $4 WHERE NOT EXISTS (SELECT FROM account_deletion WHERE user_id = $1)
        ON CONFLICT (id) DO NOTHING
        """;

    // Fields that the request leaves out keep their value, an empty place removes it; names are required.
    private const string PutSql = """
        INSERT INTO profile (id, email, first_name, last_name, location, locale, time_zone)
        SELECT $1, $2, $3, $4, nullif($5, '{}'), $6, $7 WHERE NOT EXISTS (SELECT FROM account_deletion WHERE user_id = $1)
        ON CONFLICT (id) DO UPDATE SET first_name = $3, last_name = $4, location = nullif(coalesce($5, profile.location), '{}'),
            locale = coalesce($6, profile.locale), time_zone = coalesce($7, profile.time_zone), updated = now()
        """;

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/customer/profile", GetAsync).WithSummary("My profile");
        routes.MapPut("/customer/profile", PutAsync).WithSummary("Change my profile");
    }

    /// <summary>Makes the caller's profile row when there is none.</summary>
    internal static Task EnsureAsync(NpgsqlDataSource db, Caller caller, CancellationToken ct) =>
        db.ExecuteAsync(CreateSql, ct, caller.Id, caller.Email, caller.FirstName, caller.LastName);

    private static async Task<Results<Ok<View>, ProblemHttpResult>> GetAsync(Caller caller, NpgsqlDataSource db, CancellationToken ct) =>
        await ReadAsync(db, caller, ct) is { } view ? TypedResults.Ok(view) : Problems.InvalidClaims();

    /// <summary>The caller's profile, made at need; null for somebody whose account is being deleted.</summary>
    internal static async Task<View?> ReadAsync(NpgsqlDataSource db, Caller caller, CancellationToken ct)
    {
        View? view = await db.QueryFirstAsync(ReadSql, Read, ct, caller.Id);
        if (view is null)
        {
            await EnsureAsync(db, caller, ct);
            view = await db.QueryFirstAsync(ReadSql, Read, ct, caller.Id);
        }
        return view;
    }

    private static async Task<Results<Ok<View>, ProblemHttpResult>> PutAsync(Request? body, Caller caller, NpgsqlDataSource db, CancellationToken ct)
    {
        if (Refusal(body) is { } error)
        {
            return Problems.BadRequest(error);
        }
        await db.ExecuteAsync(
            PutSql, ct, caller.Id, caller.Email, body!.FirstName!.Trim(), body.LastName!.Trim(),
            new NpgsqlParameter { Value = body.Location ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Double },
            Text(body.Locale), Text(body.TimeZone));
        if (body.Reminders is { } reminders)
        {
            await db.ExecuteAsync(ReminderChoice.SetSql, ct, caller.Id, Flag(reminders.DayBefore), Flag(reminders.HourBefore));
        }
        return await db.QueryFirstAsync(ReadSql, Read, ct, caller.Id) is { } view ? TypedResults.Ok(view) : Problems.InvalidClaims();
    }

    private static string? Refusal(Request? body) => body switch
    {
        null or { FirstName: null } => "first name is required",
        _ when string.IsNullOrWhiteSpace(body.FirstName) => "first name is required",
        _ when string.IsNullOrWhiteSpace(body.LastName) => "last name is required",
        _ when body.FirstName.Length > MaxNameLength || body.LastName.Length > MaxNameLength => "name is too long",
        { Location: not null and not [] and not [>= -90 and <= 90, >= -180 and <= 180] } => "invalid location",
        { Locale: not null and not "ru" and not "en" } => "invalid locale",
        { TimeZone: { } zone } when !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out TimeZoneInfo? found) || !found.HasIanaId => "invalid time zone",
        _ => null,
    };

    private static NpgsqlParameter Text(string? value) => new() { Value = value ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Flag(bool? value) => new() { Value = value ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Boolean };

    private static View Read(DbDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3), row.Nullable<string>(4), row.Nullable<string>(5), row.Nullable<double[]>(6),
        row.Nullable<string>(7), row.Nullable<string>(8), new ReminderChoice(row.GetBoolean(11), row.GetBoolean(12)), row.GetFieldValue<DateTimeOffset>(9), row.GetFieldValue<DateTimeOffset>(10));
}
