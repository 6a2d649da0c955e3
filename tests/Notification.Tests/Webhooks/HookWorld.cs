using BookSaga.Contracts;
using BookSaga.Contracts.Webhooks;
using Google.Protobuf.WellKnownTypes;
using Code = BookSaga.Contracts.Webhooks.WebhookAnswer.Types.Code;
using Client = BookSaga.Contracts.Webhooks.Webhooks.WebhooksClient;

namespace BookSaga.Notification.Tests.Webhooks;

/// <summary>The service with a mail server and companies' endpoints beside it. Its time stands still until it is moved.</summary>
internal sealed class HookWorld : IAsyncDisposable
{
    public const long Company = 42;

    private HookWorld(PostOffice office) => Office = office;

    public PostOffice Office { get; }

    public Endpoint Endpoint { get; } = new();

    public Client Webhooks => new(Office.Service.Grpc());

    public static async Task<HookWorld> OpenAsync(Authority authority, Dictionary<string, string>? settings = null, int replicas = 1)
    {
        var all = new Dictionary<string, string>(settings ?? []);
        all.TryAdd("Webhooks:AllowHttp", "true");
        all.TryAdd("Webhooks:AllowPrivateAddresses", "true");
        all.TryAdd("Webhooks:Timeout", "00:00:01");
        return new HookWorld(await PostOffice.OpenAsync(authority, settings: all, replicas: replicas));
    }

    public async ValueTask DisposeAsync()
    {
        await Office.DisposeAsync();
        await Endpoint.DisposeAsync();
    }

    /// <summary>A new webhook, with its secret.</summary>
    public async Task<Webhook> SubscribeAsync(string? url = null, long company = Company, string[]? types = null, bool? active = null, CompanyChanged? about = null)
    {
        var fields = new WebhookFields { CompanyId = company, Url = url ?? Endpoint.Url(), CompanyJson = Json.Write(about ?? Samples.Salon with { Id = company }) };
        fields.EventTypes.Add(types ?? ["booking.paid", "booking.failed", "booking.cancelled"]);
        if (active is { } wanted)
        {
            fields.Active = wanted;
        }
        return Ok<Webhook>(await Webhooks.CreateAsync(fields));
    }

    public async Task<Webhook> UpdateAsync(Webhook webhook, string? url = null, bool? active = null)
    {
        var fields = new WebhookFields
        {
            CompanyId = Company, WebhookId = webhook.Id, Url = url ?? webhook.Url, EventTypes = { webhook.EventTypes }, CompanyJson = Json.Write(Samples.Salon),
        };
        if (active is { } wanted)
        {
            fields.Active = wanted;
        }
        return Ok<Webhook>(await Webhooks.UpdateAsync(fields));
    }

    public async Task<Webhook> GetAsync(Webhook webhook) => Ok<List<Webhook>>(await Webhooks.ListAsync(new CompanyKey { CompanyId = Company })).Single(w => w.Id == webhook.Id);

    public async Task<int> ReplayAsync(Webhook webhook, DateTimeOffset from, bool onlyUndelivered = false) => Ok<WebhookReplay>(await Webhooks.ReplayAsync(
        new ReplayWebhook { CompanyId = Company, WebhookId = webhook.Id, From = Timestamp.FromDateTimeOffset(from), OnlyUndelivered = onlyUndelivered })).Queued;

    public async Task<List<WebhookDelivery>> LogAsync(Webhook webhook) =>
        Ok<List<WebhookDelivery>>(await Webhooks.DeliveriesAsync(new ListDeliveries { CompanyId = Company, WebhookId = webhook.Id, Page = 1, Limit = 100 }));

    public static WebhookKey Key(Webhook webhook) => new() { CompanyId = Company, WebhookId = webhook.Id };

    public static T Ok<T>(WebhookAnswer answer)
    {
        answer.Code.ShouldBe(Code.Ok, answer.ToString());
        return Json.Read<T>(answer.Json);
    }

    public Task<long> CountAsync(string where) => Office.ReadAsync<long>($"SELECT count(*) FROM webhook_delivery WHERE {where}");

    /// <summary>Waits until so many deliveries are <paramref name="where"/>. The service's time stands still.</summary>
    public Task UntilAsync(string where, long count = 1) => Office.UntilAsync(async () => await CountAsync(where) == count);

    /// <summary>Waits until so many attempts are recorded. The service's time stands still.</summary>
    public Task UntilAttemptsAsync(long count) => Office.UntilAsync(async () => await Office.ReadAsync<long>("SELECT count(*) FROM webhook_attempt") == count);
}
