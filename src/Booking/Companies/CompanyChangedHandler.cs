using BookSaga.Contracts;
using BookSaga.Contracts.Events;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Events;
using Npgsql;
using NpgsqlTypes;

namespace BookSaga.Booking.Companies;

/// <summary>company.company-changed.v1: keeps the copy of the company that offers and mails need. The highest version wins, so repeats and disorder change nothing.</summary>
internal sealed class CompanyChangedHandler(NpgsqlDataSource db) : IEventHandler
{
    private const string Sql = """
        INSERT INTO company (id, version, name, location, active, data) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (id) DO UPDATE SET version = $2, name = $3, location = $4, active = $5, data = $6 WHERE company.version < $2
        """;

    public string Type => EventTypes.CompanyChanged;

    public Task HandleAsync(Event received, CancellationToken ct) => StoreAsync(db, Json.Read<CompanyChanged>(received.PayloadJson), ct);

    /// <summary>Stores <paramref name="company"/> unless a newer version is there.</summary>
    internal static Task StoreAsync(NpgsqlDataSource db, CompanyChanged company, CancellationToken ct) => db.ExecuteAsync(
        Sql, ct, company.Id, company.Version, company.Name,
        new NpgsqlParameter { Value = company.Location ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Double },
        company.Active,
        new NpgsqlParameter { Value = Json.Write(company), NpgsqlDbType = NpgsqlDbType.Json });
}
