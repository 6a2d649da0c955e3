using System.Runtime.CompilerServices;
using BookSaga.Contracts;
using BookSaga.Contracts.People;
using BookSaga.Customer.Bookings;
using BookSaga.Customer.Profiles;
using BookSaga.Hosting.Auth;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Npgsql;

namespace BookSaga.Customer.People;

/// <summary>
/// GET /customer/export: all that the platform keeps of the caller, as a file: profile, companies they manage, bookings, transactions and mails sent to them.
/// Collected from the services and passed on piece by piece.
/// </summary>
/// <remarks>503: a service is away; nothing was sent.</remarks>
internal static class ExportMyData
{
    /// <param name="CreatedAt">When it was collected, UTC.</param>
    /// <param name="Profile">The profile.</param>
    /// <param name="Companies">Companies that the person manages, with role.</param>
    /// <param name="Bookings">Bookings and failed attempts, newest first.</param>
    /// <param name="Transactions">The statement, newest first.</param>
    /// <param name="Mails">Subject and times of mails to the person, oldest first.</param>
    internal sealed record PersonalData(DateTimeOffset CreatedAt, Profile.View Profile, object[] Companies, BookingView[] Bookings, Transaction[] Transactions, object[] Mails);

    private const string BookingsSql = $"SELECT {BookingView.Columns} FROM booking b WHERE b.customer_id = $1 ORDER BY b.created_at DESC, b.id DESC";

    private const int PieceSize = 200;

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/customer/export", HandleAsync)
        .WithSummary("All that is kept of me, as a file").Produces<PersonalData>();

    private static async Task HandleAsync(Caller caller, Language language, HttpContext context, PeopleClients people, NpgsqlDataSource db, TimeProvider time, CancellationToken ct)
    {
        if (await Profile.ReadAsync(db, caller, ct) is not { } profile)
        {
            await Problems.InvalidClaims().ExecuteAsync(context);
            return;
        }
        Person person = await PersonOf.Async(db, caller.Id, caller.Email, ct);
        (string Name, IAsyncEnumerable<string> Pieces)[] parts =
        [
            ("companies", people.ExportAsync(PeopleClients.Company, person, ct)),
            ("bookings", BookingsAsync(db, caller.Id, language.Code, ct)),
            ("transactions", people.ExportAsync(PeopleClients.Payment, person, ct)),
            ("mails", people.ExportAsync(PeopleClients.Notification, await WithCompaniesAsync(person, people, ct), ct)),
        ];
        // The first piece of all before the first byte: a service that is away is 503, not half a file.
        var readers = new List<(string Name, IAsyncEnumerator<string> Pieces, bool More)>();
        try
        {
            foreach ((string name, IAsyncEnumerable<string> pieces) in parts)
            {
                IAsyncEnumerator<string> reader = pieces.GetAsyncEnumerator(ct);
                readers.Add((name, reader, false));
                readers[^1] = (name, reader, await reader.MoveNextAsync());
            }
            Attachment.Begin(context, "application/json; charset=utf-8", "my-data.json");
            await context.Response.WriteAsync($"{{\"created_at\":{Json.Write(time.GetUtcNow())},\"profile\":{Json.Write(profile)}", ct);
            foreach ((string name, IAsyncEnumerator<string> pieces, bool any) in readers)
            {
                await WriteAsync(context, name, pieces, any, ct);
            }
            await context.Response.WriteAsync("}", ct);
        }
        finally
        {
            foreach ((_, IAsyncEnumerator<string> reader, _) in readers)
            {
                await reader.DisposeAsync();
            }
        }
    }

    // Arrays become one array.
    private static async Task WriteAsync(HttpContext context, string name, IAsyncEnumerator<string> pieces, bool any, CancellationToken ct)
    {
        string before = $",\"{name}\":[";
        for (bool more = any; more; more = await pieces.MoveNextAsync())
        {
            string inside = pieces.Current.Trim()[1..^1];
            if (inside.Length > 0)
            {
                await context.Response.WriteAsync(before + inside, ct);
                before = ",";
            }
        }
        await context.Response.WriteAsync(before == "," ? "]" : before + "]", ct);
    }

    private static async IAsyncEnumerable<string> BookingsAsync(NpgsqlDataSource db, Guid customer, string language, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (BookingView[] piece in db.StreamAsync(BookingsSql, row => BookingView.Read(row, language), ct, customer).Chunk(PieceSize).WithCancellation(ct))
        {
            yield return Json.Write(piece);
        }
    }

    // Mails to a company go to its managers.
    private static async Task<Person> WithCompaniesAsync(Person person, PeopleClients people, CancellationToken ct)
    {
        Person all = person.Clone();
        await foreach (string piece in people.ExportAsync(PeopleClients.Company, person, ct))
        {
            all.CompanyIds.Add(Json.Read<Managed[]>(piece).Select(m => m.CompanyId));
        }
        return all;
    }

    private sealed record Managed(long CompanyId);
}
