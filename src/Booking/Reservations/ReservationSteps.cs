using System.Data.Common;
using BookSaga.Booking.Offers;
using BookSaga.Contracts;
using BookSaga.Contracts.Booking;
using BookSaga.Hosting;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace BookSaga.Booking.Reservations;

/// <summary>
/// The saga's steps on claims. Calls that arrive together become one statement and one commit (see Migrations/0002_steps.sql);
/// each item gets its own outcome, and a batch that fails as a whole is run item by item: a bad one is answered UNSPECIFIED.
/// </summary>
internal sealed class ReservationSteps
{
    private const string ReserveSql = "SELECT ord, code, (offer).*, company::text FROM reserve($1, $2, $3, $4, $5) ORDER BY ord";
    private const string ConfirmSql = "SELECT ord, code, reason FROM confirm($1, $2, $3) ORDER BY ord";
    private const string ReleaseSql = "SELECT ord, code, reason FROM release($1, $2, $3) ORDER BY ord";

    // Where (offer).* starts and where the company stands behind its 19 columns.
    private const int OfferColumn = 2;
    private const int CompanyColumn = OfferColumn + 19;

    private readonly NpgsqlDataSource _db;
    private readonly bool _allowPast;
    private readonly Batcher<ReserveOffer, ReserveOutcome> _reserve;
    private readonly Batcher<ClaimKey, ClaimOutcome> _confirm;
    private readonly Batcher<ClaimKey, ClaimOutcome> _release;

    public ReservationSteps(NpgsqlDataSource db, IOptions<BookingOptions> options)
    {
        _db = db;
        _allowPast = options.Value.AllowPast;
        _reserve = new(ReserveAsync, isolate: static e => e is PostgresException);
        _confirm = new(items => ClaimsAsync(ConfirmSql, items), isolate: static e => e is PostgresException);
        _release = new(items => ClaimsAsync(ReleaseSql, items), isolate: static e => e is PostgresException);
    }

    /// <summary>Holds an open offer for a booking.</summary>
    internal Task<ReserveOutcome> ReserveAsync(ReserveOffer item) =>
        _reserve.RunAsync(item).OrOutcomeAsync(static fault => new ReserveOutcome { Reason = fault });

    /// <summary>Makes a held claim a sale.</summary>
    internal Task<ClaimOutcome> ConfirmAsync(ClaimKey item) => _confirm.RunAsync(item).OrOutcomeAsync(static fault => new ClaimOutcome { Reason = fault });

    /// <summary>Opens a held offer again, or leaves a tombstone for a Reserve that is still to come.</summary>
    internal Task<ClaimOutcome> ReleaseAsync(ClaimKey item) => _release.RunAsync(item).OrOutcomeAsync(static fault => new ClaimOutcome { Reason = fault });

    private async Task<IReadOnlyList<ReserveOutcome>> ReserveAsync(IReadOnlyList<ReserveOffer> items) => await _db.QueryAsync(
        ReserveSql, ReadReserved, CancellationToken.None,
        items.Select(i => Guid.Parse(i.BookingId)).ToArray(),
        items.Select(i => i.OfferId).ToArray(),
        items.Select(i => Guid.Parse(i.CustomerId)).ToArray(),
        new NpgsqlParameter { Value = items.Select(i => i.CustomerJson).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb },
        _allowPast);

    private async Task<IReadOnlyList<ClaimOutcome>> ClaimsAsync(string sql, IReadOnlyList<ClaimKey> items) => await _db.QueryAsync(
        sql, row => new ClaimOutcome { Code = CodeOf(row.GetString(1)), Reason = row.GetString(2) }, CancellationToken.None,
        items.Select(i => Guid.Parse(i.BookingId)).ToArray(),
        items.Select(i => i.OfferId).ToArray(),
        items.Select(i => Guid.Parse(i.CustomerId)).ToArray());

    internal static ClaimOutcome.Types.Code CodeOf(string code) => code switch
    {
        "done" => ClaimOutcome.Types.Code.Done,
        "gone" => ClaimOutcome.Types.Code.Gone,
        "refused" => ClaimOutcome.Types.Code.Refused,
        _ => ClaimOutcome.Types.Code.Mismatch,
    };

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
