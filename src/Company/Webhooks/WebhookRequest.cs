using BookSaga.Contracts;
using BookSaga.Contracts.Webhooks;

namespace BookSaga.Company.Webhooks;

/// <summary>What POST and PUT of a webhook take.</summary>
/// <param name="Url">Required, <c>https</c>, at most 2,048 characters, on a public host.</param>
/// <param name="EventTypes">Required: some of <c>booking.paid</c>, <c>booking.failed</c>, <c>booking.cancelled</c>.</param>
/// <param name="Active">Absent: true for a new webhook, unchanged for a known one.</param>
internal sealed record WebhookRequest(string? Url, IReadOnlyList<string?>? EventTypes, bool? Active)
{
    /// <summary>The command; the company goes with it, so that notification knows whom to tell when the webhook has to be switched off.</summary>
    internal static WebhookFields ToFields(WebhookRequest? body, CompanyChanged company, long webhookId = 0)
    {
        var fields = new WebhookFields { CompanyId = company.Id, WebhookId = webhookId, Url = Text.Clean(body?.Url), CompanyJson = Json.Write(company) };
        fields.EventTypes.Add((body?.EventTypes ?? []).Select(type => type ?? ""));
        if (body?.Active is { } active)
        {
            fields.Active = active;
        }
        return fields;
    }
}
