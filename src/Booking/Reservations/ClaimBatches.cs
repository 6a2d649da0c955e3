using System.Data.Common;
using BookSaga.Booking.Offers;
using BookSaga.Contracts;
using BookSaga.Contracts.Booking;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Npgsql;
using NpgsqlTypes;

namespace BookSaga.Booking.Reservations;

/// <summary>The functions of Migrations/0002_steps.sql, 0004_fast_steps.sql and 0006_fewer_lookups.sql, one statement for a batch. They answer in the order asked, so outcome i belongs to item i;
/// <c>reserve</c> alone gives each row its item's number, from 1, and no row for what was decided before.</summary>
internal static class ClaimBatches
{
    private const string ReserveSql = "SELECT * FROM reserve($1, $2, $3, $4, $5)";
    private const string ConfirmSql = "SELECT * FROM confirm($1, $2, $3)";
    private const string ReleaseSql = "SELECT * FROM release($1, $2, $3)";

    private const string HeldSql = "SELECT * FROM claim_outcomes($1, $2, $3)";

    // Where the offer starts, and where the company stands behind it.
    private const int OfferColumn = 2;
    private const int CompanyColumn = OfferColumn + 17;

    internal static async Task<IReadOnlyList<ReserveOutcome>> ReserveAsync(NpgsqlConnection connection, IReadOnlyList<ReserveOffer> items, bool allowPast)
    {
        await using NpgsqlCommand command = connection.Sql(
            ReserveSql,
            items.Select(i => Guid.Parse(i.BookingId)).ToArray(),
            items.Select(i => i.OfferId).ToArray(),
            items.Select(i => Guid.Parse(i.CustomerId)).ToArray(),
            new NpgsqlParameter { Value = items.Select(i => i.CustomerJson).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Json },
            allowPast);
        var outcomes = new ReserveOutcome?[items.Count];
        foreach ((long ord, ReserveOutcome outcome) in await command.StepAsync(row => (row.GetInt64(0), ReadReserved(row))))
        {
            outcomes[ord - 1] = outcome;
        }
        // The others were decided before.
        int[] left = [.. Enumerable.Range(0, items.Count).Where(i => outcomes[i] is null)];
        if (left.Length > 0)
        {
            ClaimKey[] keys = [.. left.Select(i => new ClaimKey { BookingId = items[i].BookingId, OfferId = items[i].OfferId, CustomerId = items[i].CustomerId })];
            foreach ((int i, ReserveOutcome outcome) in left.Zip(await HeldAsync(connection, keys)))
            {
                outcomes[i] = outcome;
            }
        }
        return outcomes!;
    }

    internal static Task<IReadOnlyList<ClaimOutcome>> ConfirmAsync(NpgsqlConnection connection, IReadOnlyList<ClaimKey> items) => ClaimsAsync(connection, ConfirmSql, items);

    internal static Task<IReadOnlyList<ClaimOutcome>> ReleaseAsync(NpgsqlConnection connection, IReadOnlyList<ClaimKey> items) => ClaimsAsync(connection, ReleaseSql, items);

    /// <summary>What <see cref="ReserveAsync"/> answered for these bookings.</summary>
    internal static async Task<IReadOnlyList<ReserveOutcome>> HeldAsync(NpgsqlConnection connection, IReadOnlyList<ClaimKey> items)
    {
        await using NpgsqlCommand command = connection.Sql(HeldSql, Keys(items));
        return await command.StepAsync(ReadReserved);
    }

    internal static ClaimOutcome.Types.Code CodeOf(string code) => code switch
    {
        "done" => ClaimOutcome.Types.Code.Done,
        "gone" => ClaimOutcome.Types.Code.Gone,
        "refused" => ClaimOutcome.Types.Code.Refused,
        _ => ClaimOutcome.Types.Code.Mismatch,
    };

    private static async Task<IReadOnlyList<ClaimOutcome>> ClaimsAsync(NpgsqlConnection connection, string sql, IReadOnlyList<ClaimKey> items)
    {
        await using NpgsqlCommand command = connection.Sql(sql, Keys(items));
        return await command.StepAsync(row => new ClaimOutcome { Code = CodeOf(row.GetString(1)), Reason = row.GetString(2) });
    }

    private static object[] Keys(IReadOnlyList<ClaimKey> items) =>
    [
        items.Select(i => Guid.Parse(i.BookingId)).ToArray(),
        items.Select(i => i.OfferId).ToArray(),
        items.Select(i => Guid.Parse(i.CustomerId)).ToArray(),
    ];

    private static ReserveOutcome ReadReserved(DbDataReader row)
    {
        var outcome = new ReserveOutcome
        {
            Code = row.GetString(1) switch
            {
                "held" => ReserveOutcome.Types.Code.Held,
                "taken" => ReserveOutcome.Types.Code.Taken,
                "not_found" => ReserveOutcome.Types.Code.NotFound,
                "released" => ReserveOutcome.Types.Code.Released,
                _ => ReserveOutcome.Types.Code.Mismatch,
            },
        };
        if (outcome.Code == ReserveOutcome.Types.Code.Held)
        {
            Offer offer = OfferRow.Company(row, "ru", OfferColumn) with { Customer = null, UpdatedBy = null };
            var names = new Dictionary<string, string> { ["ru"] = row.GetString(OfferColumn + 2), ["en"] = row.GetString(OfferColumn + 3) };
            Money.TryToMinor(offer.Price, out long price);
            outcome.PriceMinor = price;
            outcome.CompanyId = offer.CompanyId;
            outcome.SnapshotJson = Json.Write(new OfferSnapshot(offer, Json.Read<CompanyChanged>(row.GetString(CompanyColumn)), names));
        }
        return outcome;
    }
}
