using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using BookSaga.Contracts.Events;
using Google.Protobuf.WellKnownTypes;
using RabbitMQ.Client;

namespace BookSaga.Hosting.Events.Broker;

/// <summary>An event as the broker carries it: the payload is the body, the rest are properties, so that the broker's own tools show them.</summary>
/// <param name="Queue">Where it goes.</param>
/// <param name="Properties">Message id, type, and the headers below.</param>
/// <param name="Body">The payload, JSON in UTF-8.</param>
internal sealed record BrokerMessage(string Queue, BasicProperties Properties, ReadOnlyMemory<byte> Body)
{
    /// <summary>How often its consumer has refused it.</summary>
    internal const string AttemptsHeader = "booksaga-attempts";

    /// <summary>Why it did so the last time.</summary>
    internal const string ReasonHeader = "booksaga-reason";

    private const string OccurredHeader = "booksaga-occurred-at"; // the standard timestamp has whole seconds only
    private const int MaxReasonLength = 1000;

    /// <summary>An event on its first way.</summary>
    internal static BrokerMessage Of(string queue, Event sent) =>
        new(queue, Describe(sent.Id, sent.Type, sent.OccurredAt.ToDateTimeOffset()), Encoding.UTF8.GetBytes(sent.PayloadJson));

    /// <summary>The same after a refusal.</summary>
    internal static BrokerMessage Refused(string queue, Delivery delivery, int attempts, string reason, TimeSpan? delay)
    {
        BasicProperties properties = Describe(delivery.Id, delivery.Type, delivery.OccurredAt);
        properties.Headers![AttemptsHeader] = attempts;
        properties.Headers[ReasonHeader] = reason.Length > MaxReasonLength ? reason[..MaxReasonLength] : reason;
        if (delay is { } pause)
        {
            properties.Expiration = pause.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);
        }
        return new(queue, properties, delivery.Body);
    }

    /// <summary>When the event in <paramref name="properties"/> was recorded; the beginning of time when nobody says.</summary>
    internal static DateTimeOffset OccurredAt(IReadOnlyBasicProperties properties) =>
        Contracts.Json.TryParseTime(Header(properties, OccurredHeader), out DateTimeOffset time) ? time : DateTimeOffset.UnixEpoch;

    /// <summary>A header's text.</summary>
    internal static string? Header(IReadOnlyBasicProperties properties, string name) =>
        properties.Headers?.TryGetValue(name, out object? value) != true ? null : value is byte[] text ? Encoding.UTF8.GetString(text) : Convert.ToString(value, CultureInfo.InvariantCulture);

    private static BasicProperties Describe(string id, string type, DateTimeOffset occurredAt) => new()
    {
        MessageId = id,
        Type = type,
        ContentType = "application/json",
        DeliveryMode = DeliveryModes.Persistent,
        Headers = new Dictionary<string, object?> { [OccurredHeader] = occurredAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture) },
    };
}

/// <summary>What a queue has delivered and what waits for its acknowledgement. Anybody may have put it there: nothing in it is trusted to be as ours.</summary>
/// <param name="Tag">The broker's number for it on this channel.</param>
/// <param name="Id">The event's id; of a message without one, a fingerprint.</param>
/// <param name="Type">Its wire name, or nothing.</param>
/// <param name="OccurredAt">When it was recorded.</param>
/// <param name="Attempts">How often it has been refused.</param>
/// <param name="Reason">Why it was refused, by its consumer or by the broker.</param>
/// <param name="Body">The payload.</param>
internal sealed record Delivery(ulong Tag, string Id, string Type, DateTimeOffset OccurredAt, int Attempts, string Reason, byte[] Body)
{
    internal static Delivery Of(ulong tag, IReadOnlyBasicProperties properties, byte[] body) => new(
        tag,
        properties.MessageId is { Length: > 0 } id ? id : "sha256:" + Convert.ToHexStringLower(SHA256.HashData(body)),
        properties.Type ?? "",
        BrokerMessage.OccurredAt(properties),
        int.TryParse(BrokerMessage.Header(properties, BrokerMessage.AttemptsHeader), NumberStyles.None, CultureInfo.InvariantCulture, out int attempts) ? attempts : 0,
        BrokerMessage.Header(properties, BrokerMessage.ReasonHeader) ?? BrokerMessage.Header(properties, "x-first-death-reason") ?? "unknown",
        body);

    /// <summary>For its consumer.</summary>
    internal Event ToEvent() => new() { Id = Id, Type = Type, PayloadJson = Encoding.UTF8.GetString(Body), OccurredAt = Timestamp.FromDateTimeOffset(OccurredAt) };
}
