using System.Reflection;
using System.Text.Json.Nodes;
using BookSaga.Contracts;

namespace BookSaga.Hosting.Tests.Events;

/// <summary>
/// Events as they were once sent (<c>Samples/{wire name}[.case].json</c>) are read for ever. A sample is never changed: a field that is
/// added gets a sample of its own beside the old one, any other change a new version of the event.
/// </summary>
public sealed class EventSamplesTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Events", "Samples");

    private static readonly Dictionary<string, Type> Payloads = new()
    {
        [EventTypes.CompanyChanged] = typeof(CompanyChanged),
        [EventTypes.BookingPaid] = typeof(BookingFinished),
        [EventTypes.BookingFailed] = typeof(BookingFinished),
        [EventTypes.BookingCancelled] = typeof(BookingFinished),
        [EventTypes.OfferCompleted] = typeof(OfferCompleted),
        [EventTypes.BookingRequested] = typeof(BookingRequested),
        [EventTypes.OfferReserved] = typeof(BookingStep),
        [EventTypes.PaymentCharged] = typeof(BookingStep),
        [EventTypes.PaymentRefused] = typeof(BookingStep),
        [EventTypes.ConfirmRefused] = typeof(BookingStep),
        [EventTypes.PaymentRefunded] = typeof(BookingStep),
        [EventTypes.OfferRefused] = typeof(BookingEnded),
        [EventTypes.ClaimPaid] = typeof(BookingEnded),
        [EventTypes.ClaimFailed] = typeof(BookingEnded),
    };

    public static TheoryData<string> Types => [.. typeof(EventTypes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!)];

    public static TheoryData<string> Samples => [.. Directory.GetFiles(Folder, "*.json").Select(f => Path.GetFileNameWithoutExtension(f))];

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_event_has_a_sample(string type) => File.Exists(Path.Combine(Folder, type + ".json")).ShouldBeTrue();

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_sample_is_read_with_nothing_of_it_lost(string sample)
    {
        JsonObject sent = Sample(sample);

        JsonNode read = Again(sample, sent);

        Missing(sent, read, "").ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Fields_of_a_later_day_do_not_disturb(string sample)
    {
        JsonObject sent = Sample(sample);
        JsonObject later = Sample(sample);
        later["of_a_later_day"] = new JsonObject { ["with"] = new JsonArray(1, "two", null) };

        JsonNode.DeepEquals(Again(sample, later), Again(sample, sent)).ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_field_is_in_the_catalogue_below_the_events_payload(string type)
    {
        string catalogue = File.ReadAllText(Path.Combine(Root(), "docs", "messages.md"));
        Type payload = Payloads[type];
        string row = catalogue.Split('\n').Single(line => line.StartsWith($"| `{type}` |", StringComparison.Ordinal));
        row.ShouldContain($"| `{payload.Name}` |");
        row.Split('|')[2].Trim().ShouldBe(type.Split('.')[0], "the owner is who the name says");
        string section = catalogue.Split("\n## ").Single(s => s.Split('\n')[0].Contains($"`{payload.Name}`", StringComparison.Ordinal));
        payload.GetProperties().Select(p => Json.Options.PropertyNamingPolicy!.ConvertName(p.Name))
            .Where(field => !section.Split('\n').Any(line => line.StartsWith("| ", StringComparison.Ordinal) && line.Split('|')[1].Contains($"`{field}`", StringComparison.Ordinal)))
            .ShouldBeEmpty();
    }

    private static JsonObject Sample(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, name + ".json")))!.AsObject();

    // Read as its consumer does, and written again.
    private static JsonNode Again(string sample, JsonObject sent)
    {
        Type payload = Payloads.Single(p => sample == p.Key || sample.StartsWith(p.Key + ".", StringComparison.Ordinal)).Value;
        MethodInfo read = typeof(Json).GetMethod(nameof(Json.Read))!.MakeGenericMethod(payload);
        MethodInfo write = typeof(Json).GetMethod(nameof(Json.Write))!.MakeGenericMethod(payload);
        return JsonNode.Parse((string)write.Invoke(null, [read.Invoke(null, [sent.ToJsonString()])])!)!;
    }

    private static IEnumerable<string> Missing(JsonNode? sent, JsonNode? read, string path) => (sent, read) switch
    {
        (JsonObject was, JsonObject now) => was.SelectMany(field => Missing(field.Value, now[field.Key], $"{path}/{field.Key}")),
        (null, null) => [],
        _ => JsonNode.DeepEquals(sent, read) ? [] : [$"{path}: {sent?.ToJsonString()} was read as {read?.ToJsonString()}"],
    };

    private static string Root()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "BookSaga.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests run outside the repository");
        }
        return folder;
    }
}
