namespace BookSaga.Notification.Tests;

/// <summary>Alone, after all others: the meters of several services in one process cannot be told apart.</summary>
[Collection("alone")]
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class MetricsTests(Authority authority)
{
    [Fact]
    public async Task What_the_meters_show_is_what_the_table_holds()
    {
        await using PostOffice office = await PostOffice.OpenAsync(authority);
        office.Server.Recipient = address => address == "anna@example.com" ? "450 later" : "250 ok";
        await office.DeliverAllAsync(Samples.Paid());
        await office.UntilSentAsync(1);
        using HttpClient http = office.Service.Http(null);
        await office.UntilAsync(
            async () => (await http.GetStringAsync("/metrics")) is { } text
                && Line(text, "booksaga_mails_waiting{") == "1"
                && Line(text, "booksaga_mails_sent_total{") == "1"
                && double.Parse(Line(text, "booksaga_mails_oldest_waiting_seconds{"), System.Globalization.CultureInfo.InvariantCulture) >= 10,
            TimeSpan.FromSeconds(2));
    }

    [Theory]
    [InlineData(1, 5_000)]
    [InlineData(40, 20_000)]
    public void The_longer_a_count_takes_the_longer_it_is_good(int took, int rest) =>
        Sending.MailMetrics.RestAfter(TimeSpan.FromMilliseconds(took)).ShouldBe(TimeSpan.FromMilliseconds(rest));

    private static string Line(string text, string name) => text.Split('\n').FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))?.Split("} ")[1].Split(' ')[0] ?? "0";
}
