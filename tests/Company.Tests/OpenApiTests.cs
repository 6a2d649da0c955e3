using System.Text.Json;
using BookSaga.Company.Tests.Support;

namespace BookSaga.Company.Tests;

public sealed class OpenApiTests(CompanyFixture company) : IClassFixture<CompanyFixture>
{
    [Fact]
    public async Task The_document_has_every_route()
    {
        using HttpClient client = company.Service.Http(null);
        JsonElement paths = (await ApiDocument.CheckAsync(client)).GetProperty("paths");
        string[] routes = [.. paths.EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(m => $"{m.Name} {p.Name["/api/v1".Length..]}"))];
        routes.ShouldBe(
            [
                "get /companies", "get /companies/{id}", "post /company", "get /company/my", "get /company/{id}", "put /company/{id}",
                "post /company/{id}/activate", "post /company/{id}/deactivate", "post /company/{id}/location", "post /company/{id}/logo",
                "get /company/{id}/managers", "post /company/{id}/managers", "put /company/{id}/managers/{managerId}", "delete /company/{id}/managers/{managerId}",
                "get /company/{id}/offers", "post /company/{id}/offers", "post /company/{id}/offers/{offerId}/cancel",
                "post /company/{id}/offers/weekly", "get /company/{id}/offers/weekly/{batchId}",
                "get /company/{id}/mails", "post /company/{id}/mails/{mailId}/resend", "get /company/{id}/payment/balance", "get /company/{id}/payment/transactions", "get /company/{id}/payment/transactions.csv",
                "get /company/{id}/webhooks", "post /company/{id}/webhooks", "put /company/{id}/webhooks/{webhookId}", "delete /company/{id}/webhooks/{webhookId}",
                "post /company/{id}/webhooks/{webhookId}/rotate-secret", "post /company/{id}/webhooks/{webhookId}/test",
                "post /company/{id}/webhooks/{webhookId}/replay", "get /company/{id}/webhooks/{webhookId}/deliveries",
                "post /company/register", "post /company/login", "post /company/token", "post /company/logout",
            ],
            ignoreOrder: true);
    }
}
