using BenchmarkDotNet.Attributes;
using BookSaga.Contracts;

namespace BookSaga.Micro;

/// <summary>The offer's snapshot, which booking writes and customer reads once for each booking.</summary>
[InProcess, MemoryDiagnoser]
public class SnapshotJson
{
    private static readonly DateTimeOffset s_time = new(2026, 12, 1, 9, 0, 0, TimeSpan.Zero);

    private readonly OfferSnapshot _snapshot = new(
        new Offer(7, 8, "Женская стрижка", null, 3, "Salon", [55.75, 37.61], s_time, "An appointment", 25m, "reserved", null, Guid.CreateVersion7(), null, s_time, s_time),
        new CompanyChanged(3, 1, "Salon", "1 High Street", "+44 20 7946 0000", "salon@example.com", [55.75, 37.61], true, 24, ["manager@example.com"]),
        new Dictionary<string, string> { ["ru"] = "Женская стрижка", ["en"] = "Women's haircut" });

    private string _json = "";

    [GlobalSetup]
    public void Setup() => _json = Json.Write(_snapshot);

    [Benchmark]
    public string Write() => Json.Write(_snapshot);

    [Benchmark]
    public OfferSnapshot Read() => Json.Read<OfferSnapshot>(_json);
}
