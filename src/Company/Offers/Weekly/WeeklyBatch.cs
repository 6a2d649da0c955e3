using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace BookSaga.Company.Offers.Weekly;

/// <summary>What has become of a slot, as a letter in the batch's row.</summary>
internal static class SlotOutcome
{
    internal const char Waiting = '.';
    internal const char Created = 'c';
    internal const char Exists = 'e';
    internal const char Past = 'p';
    internal const char NoSuchTime = 'n';
}

/// <summary>A pattern's offers on their way to booking.</summary>
/// <param name="Id">The batch, which is the operation that the request asked for.</param>
/// <param name="Epoch">Which driver this is; an older one can no longer write.</param>
/// <param name="CompanyId">Whose offers they are.</param>
/// <param name="CreatedBy">The manager who asked.</param>
/// <param name="ServiceId">The category of all.</param>
/// <param name="PriceMinor">The price of all, minor units.</param>
/// <param name="Description">The description of all.</param>
/// <param name="Slots">All times, in order.</param>
/// <param name="Outcomes">A letter of <see cref="SlotOutcome"/> for each.</param>
internal sealed record WeeklyBatch(
    Guid Id, int Epoch, long CompanyId, Guid CreatedBy, int ServiceId, long PriceMinor, string Description, IReadOnlyList<WeeklySlot> Slots, char[] Outcomes)
{
    /// <summary>Letters before anything was asked: what the clocks skip is known.</summary>
    internal static char[] Start(IReadOnlyList<WeeklySlot> slots) => [.. slots.Select(slot => slot.At is null ? SlotOutcome.NoSuchTime : SlotOutcome.Waiting)];

    /// <summary>The id under which booking recognises the offer of slot <paramref name="index"/>: the same whoever drives the batch.</summary>
    internal Guid OperationOf(int index)
    {
        byte[] hash = SHA256.HashData([.. Id.ToByteArray(bigEndian: true), .. BitConverter.GetBytes(index)]);
        // Version 8 of RFC 9562: an id of one's own making.
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }
}

/// <summary>A batch as its company sees it.</summary>
/// <param name="Id">The batch; null in a preview.</param>
/// <param name="Status"><c>running</c> or <c>done</c>; <c>preview</c> when nothing was asked for.</param>
/// <param name="Total">Times of the pattern.</param>
/// <param name="Created">Offers posted so far; 0 in a preview.</param>
/// <param name="Skipped">Times without an offer, with the reason.</param>
/// <param name="Offers">The first 500 offers that were posted, or would be.</param>
internal sealed record WeeklyView(Guid? Id, string Status, int Total, int Created, IReadOnlyList<SkippedSlot> Skipped, IReadOnlyList<PostedSlot> Offers)
{
    private const int MaxOffersShown = 500;

    internal static WeeklyView Of(Guid? id, bool live, IReadOnlyList<WeeklySlot> slots, char[] outcomes)
    {
        (WeeklySlot Slot, char Outcome)[] all = [.. slots.Zip(outcomes)];
        return new WeeklyView(
            id,
            id is null ? "preview" : live ? "running" : "done",
            slots.Count,
            id is null ? 0 : all.Count(s => s.Outcome == SlotOutcome.Created),
            [.. all.Where(s => s.Outcome is not (SlotOutcome.Created or SlotOutcome.Waiting)).Select(s => new SkippedSlot(Local(s.Slot), s.Slot.At, Reason(s.Outcome)))],
            [.. all.Where(s => s.Outcome == SlotOutcome.Created).Take(MaxOffersShown).Select(s => new PostedSlot(s.Slot.At!.Value, Local(s.Slot), Offset(s.Slot.At.Value)))]);
    }

    private static string Local(WeeklySlot slot) => slot.Local.ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture);

    private static string Offset(DateTimeOffset at) => at.ToString("zzz", CultureInfo.InvariantCulture);

    private static string Reason(char outcome) => outcome switch
    {
        SlotOutcome.Exists => "exists",
        SlotOutcome.Past => "past",
        _ => "no_such_local_time",
    };
}

/// <param name="Local">The local time, <c>2026-03-29T02:30</c>.</param>
/// <param name="Datetime">The instant, UTC; absent when there is none.</param>
/// <param name="Reason"><c>past</c>, <c>exists</c> (an open, reserved or paid offer of the same service and time) or <c>no_such_local_time</c> (clocks skip it).</param>
internal sealed record SkippedSlot(string Local, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? Datetime, string Reason);

/// <param name="Datetime">The instant, UTC.</param>
/// <param name="Local">The local time.</param>
/// <param name="Offset">The zone's offset then, <c>+03:00</c>.</param>
internal sealed record PostedSlot(DateTimeOffset Datetime, string Local, string Offset);
