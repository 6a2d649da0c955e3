using System.Globalization;
using BookSaga.Web.Api;
using BookSaga.Web.Site;
using BookSaga.Web.Words;

namespace BookSaga.Web.Pages.Business;

/// <summary>GET /business/{id}/money.csv: the company's statement as a file, passed on from the API as it comes. What is refused is said on the page it was asked from.</summary>
internal static class StatementFile
{
    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet(BusinessRoutes.Statement, HandleAsync).RequireAuthorization();

    private static async Task HandleAsync(long id, HttpContext context, BookSagaApi api, Texts texts, CancellationToken gone)
    {
        string page = BusinessRoutes.Of(id, "money") + context.Request.QueryString;
        var period = new StatementPeriod(context.Request.Query, texts);
        if (!period.IsRight)
        {
            context.Response.Redirect(page);
            return;
        }
        if (await api.PassOnAsync(period.ApiPath(string.Create(CultureInfo.InvariantCulture, $"/company/{id}/payment/transactions.csv"), texts.Visitor), null, context, gone) is not null)
        {
            context.Response.Redirect(page + (page.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "file=refused");
        }
    }
}
