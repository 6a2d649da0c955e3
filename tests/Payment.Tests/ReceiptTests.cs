using System.Diagnostics;
using System.Text;
using System.Text.Json;
using BookSaga.Contracts.Payment;

namespace BookSaga.Payment.Tests;

public sealed class ReceiptTests(LedgerWorld world) : IClassFixture<LedgerWorld>
{
    private const string Path = "/api/v1/customer/payment/receipts/";

    [Fact]
    public async Task A_receipt_is_the_callers_alone_and_comes_with_its_block()
    {
        TestUser client = await world.ClientAsync(20m);
        ChargeItem paid = PaymentWorld.Item(client, 1250);
        await world.ChargeAsync(paid);
        using HttpClient http = world.Service.Http(client);
        using HttpClient other = world.Service.Http(await world.ClientAsync(1m));
        using HttpClient nobody = world.Service.Http(null);

        using HttpResponseMessage early = await http.GetAsync(Path + paid.BookingId);
        await http.GetAsync(Path + paid.BookingId).ProblemAsync(409, "receipt is not sealed yet");
        await world.SealAsync();
        JsonElement receipt = await http.GetAsync(Path + paid.BookingId).JsonAsync(200);

        early.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
        JsonDocument.Parse(await early.Content.ReadAsStringAsync()).RootElement.GetProperty("code").GetString().ShouldBe("not_sealed_yet");
        Moves(receipt).ShouldBe(["payment completed: customer -12.5, company 12.5"]);
        await other.GetAsync(Path + paid.BookingId).ProblemAsync(404, "payment not found");
        await http.GetAsync(Path + Guid.NewGuid()).ProblemAsync(404, "payment not found");
        await nobody.GetAsync(Path + paid.BookingId).ProblemAsync(401, "invalid claims");
    }

    [Fact]
    public async Task Refunds_payments_kept_and_refusals_are_in_their_receipts_and_every_receipt_proves_itself()
    {
        TestUser client = await world.ClientAsync(30m);
        ChargeItem refunded = PaymentWorld.Item(client, 1000), kept = PaymentWorld.Item(client, 1050), refused = PaymentWorld.Item(client, 99_900);
        await world.ChargeAsync(refunded, kept, refused);
        await world.SealAsync();
        await world.RefundAsync(refunded);
        await world.RetainAsync(kept);
        using HttpClient http = world.Service.Http(client);
        await http.GetAsync(Path + refunded.BookingId).ProblemAsync(409, "receipt is not sealed yet");
        await world.SealAsync();

        JsonElement[] receipts = await Task.WhenAll(new[] { refunded, kept, refused }.Select(i => http.GetAsync(Path + i.BookingId).JsonAsync(200)));

        receipts.Select(r => string.Join("; ", Moves(r))).ShouldBe(
        [
            "payment completed: customer -10, company 10; refund completed: customer 10, company -10",
            "payment completed: customer -10.5, company 10.5; retained completed: ",
            "payment refused: ",
        ]);
        foreach (JsonElement entry in receipts.SelectMany(r => r.GetProperty("transfers").EnumerateArray()))
        {
            byte[] leaf = BookSaga.Payment.Ledger.Merkle.Leaf(Encoding.UTF8.GetBytes(entry.GetProperty("canonical").GetString()!));
            byte[]? root = MerkleTests.RootOf(
                leaf, entry.GetProperty("index").GetInt32(), entry.GetProperty("block").GetProperty("count").GetInt32(),
                entry.GetProperty("path").EnumerateArray().Select(h => Convert.FromHexString(h.GetString()!)));
            Convert.ToHexStringLower(root.ShouldNotBeNull()).ShouldBe(entry.GetProperty("block").GetProperty("merkle_root").GetString());
        }
    }

    [Fact]
    public async Task The_documented_script_tells_a_receipt_from_one_with_a_byte_changed()
    {
        Assert.SkipUnless(HasPython, "python3 is not here; the same algorithm is tested above");
        TestUser client = await world.ClientAsync(30m);
        ChargeItem[] items = [.. Enumerable.Range(0, 5).Select(i => PaymentWorld.Item(client, 100 + (75 * i)))];
        await world.ChargeAsync(items);
        await world.RefundAsync(items[3]);
        await world.SealAsync();
        using HttpClient http = world.Service.Http(client);
        string receipt = await http.GetStringAsync(Path + items[3].BookingId);
        string block = await http.GetStringAsync("/api/v1/ledger");
        string noted = JsonDocument.Parse(block).RootElement.GetProperty("block").GetRawText();

        (await ScriptAsync(receipt)).ShouldBe("valid");
        (await ScriptAsync(receipt, noted)).ShouldBe("valid");
        (await ScriptAsync(receipt, noted.Replace("\"number\":", "\"number\":9", StringComparison.Ordinal))).ShouldStartWith("invalid");

        const int seed = 7;
        var random = new Random(seed);
        int[] places = [.. Enumerable.Range(0, receipt.Length).Where(i => char.IsAsciiLetterOrDigit(receipt[i]))];
        foreach (int place in Enumerable.Range(0, 60).Select(_ => places[random.Next(places.Length)]))
        {
            char other = receipt[place] == '1' ? '2' : '1';
            (await ScriptAsync(receipt[..place] + other + receipt[(place + 1)..])).ShouldStartWith("invalid", Case.Sensitive, $"place {place}, seed {seed}: {receipt[place]} to {other} in {receipt}");
        }
    }

    private static bool HasPython => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(System.IO.Path.Combine(folder, "python3")));

    private static IEnumerable<string> Moves(JsonElement receipt) => receipt.GetProperty("transfers").EnumerateArray().Select(t =>
        $"{t.GetProperty("type")} {t.GetProperty("status")}: {string.Join(", ", t.GetProperty("postings").EnumerateArray().Select(p => $"{p.GetProperty("kind")} {p.GetProperty("amount")}"))}");

    private static async Task<string> ScriptAsync(params string[] documents)
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(System.IO.Path.Combine(root, "BookSaga.slnx")))
        {
            root = System.IO.Path.GetDirectoryName(root)!;
        }
        string[] files = [.. documents.Select(_ => System.IO.Path.GetTempFileName())];
        await Task.WhenAll(files.Zip(documents, (file, text) => File.WriteAllTextAsync(file, text)));
        var start = new ProcessStartInfo("python3", [System.IO.Path.Combine(root, "docs", "verify-receipt.py"), .. files]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process python = Process.Start(start)!;
        string output = await python.StandardOutput.ReadToEndAsync() + await python.StandardError.ReadToEndAsync();
        await python.WaitForExitAsync();
        Array.ForEach(files, File.Delete);
        return output.TrimEnd();
    }
}
