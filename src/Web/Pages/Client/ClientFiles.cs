using BookSaga.Web.Api;
using BookSaga.Web.Site;
using BookSaga.Web.Words;

namespace BookSaga.Web.Pages.Client;

/// <summary>GET …/receipt.json, /wallet/statement.csv, /account/export.json: the API's files, passed on as they come; the browser has no token for them.</summary>
internal static class ClientFiles
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(ClientRoutes.ReceiptFile, ReceiptAsync).RequireAuthorization();
        routes.MapGet(ClientRoutes.StatementFile, StatementAsync).RequireAuthorization();
        routes.MapGet(ClientRoutes.Export, static (HttpContext context, BookSagaApi api, CancellationToken gone) =>
            PassOnAsync(context, api, "/customer/export", "booksaga-my-data.json", gone)).RequireAuthorization();
    }

    private static async Task ReceiptAsync(Guid id, HttpContext context, BookSagaApi api, CancellationToken gone)
    {
        Answer<Receipt> sealedReceipt = await Receipt.ReadAsync(api, id, gone);
        if (sealedReceipt.Problem is { } problem)
        {
            context.Response.StatusCode = problem.Status == StatusCodes.Status409Conflict ? StatusCodes.Status503ServiceUnavailable : problem.Status;
            return;
        }
        // As it came, and not as we read it: the file is what the ledger's owner says, to the letter.
        await PassOnAsync(context, api, Receipt.ApiPath(id), $"receipt-{id}.json", gone);
    }

    private static async Task StatementAsync(HttpContext context, BookSagaApi api, Texts texts, CancellationToken gone)
    {
        var period = new StatementPeriod(context.Request.Query, texts);
        if (!period.IsRight)
        {
            context.Response.Redirect(ClientRoutes.Wallet + context.Request.QueryString + "#statement"); // says it next to the field
            return;
        }
        await PassOnAsync(context, api, period.ApiPath("/customer/payment/transactions.csv", texts.Visitor), "booksaga-statement.csv", gone);
    }

    private static async Task PassOnAsync(HttpContext context, BookSagaApi api, string path, string fileName, CancellationToken gone)
    {
        if (await api.PassOnAsync(path, fileName, context, gone) is { } refused)
        {
            context.Response.StatusCode = refused;
        }
    }
}
