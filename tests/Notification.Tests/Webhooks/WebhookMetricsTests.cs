namespace BookSaga.Notification.Tests.Webhooks;

/// <summary>Alone, after all others: the meters of several services in one process cannot be told apart.</summary>
[Collection("alone")]
public sealed class WebhookMetricsTests(Authority authority)
{
    [Fact]
    public async Task What_the_meters_show_is_what_the_table_holds()
    {
        await using HookWorld world = await HookWorld.OpenAsync(authority);
        world.Endpoint.Answer = (call, context) => Endpoint.Status(call.Path == "/hook" ? 204 : call.Path == "/gone" ? 410 : 500)(call, context);
        await world.SubscribeAsync();
        await world.SubscribeAsync(world.Endpoint.Url("/gone"));
        await world.SubscribeAsync(world.Endpoint.Url("/broken"));
        await world.Office.DeliverAllAsync(Samples.Paid());
        await world.UntilAttemptsAsync(3);
        using HttpClient http = world.Office.Service.Http(null);
        string text = "";
        try
        {
            await world.Office.UntilAsync(
                async () => (text = await http.GetStringAsync("/metrics")) is not null
                    && Value("booksaga_webhooks_waiting", "booking.paid") == 1
                    && Value("booksaga_webhooks_waiting", "webhook.test") == 0
                    && Value("booksaga_webhooks_oldest_waiting_seconds", "booking.paid") > 0
                    && Value("booksaga_webhooks_overdue_seconds", "booking.cancelled") == 0
                    && Value("booksaga_webhooks_delivered_total", "booking.paid") == 1
                    && Value("booksaga_webhooks_failed_total", "booking.paid") == 1
                    && Value("booksaga_webhooks_disabled_total", "") == 1,
                TimeSpan.FromSeconds(0.1));
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException(string.Join('\n', text.Split('\n').Where(l => l.Contains("webhooks", StringComparison.Ordinal))));
        }

        double? Value(string name, string type) => text.Split('\n')
            .Where(l => l.StartsWith(name + "{", StringComparison.Ordinal) && (type.Length == 0 || l.Contains($"type=\"{type}\"", StringComparison.Ordinal)))
            .Select(l => (double?)double.Parse(l.Split("} ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)).FirstOrDefault();
    }
}
