using System.Text;
using System.Xml.Linq;
using BookSaga.Web.Api;
using BookSaga.Web.Pages.Client;
using Microsoft.Extensions.Options;

namespace BookSaga.Web.Site;

/// <summary>GET /robots.txt, /sitemap.xml: what search engines may show: the front page, companies, offers.</summary>
internal static class SiteMap
{
    private const int Pages = 5;
    private const int PageSize = 100;
    private static readonly XNamespace Schema = "http://www.sitemaps.org/schemas/sitemap/0.9";

    internal static void MapSiteMap(this WebApplication app)
    {
        string url = app.Services.GetRequiredService<IOptions<WebOptions>>().Value.PublicUrl!.AbsoluteUri.TrimEnd('/');
        string robots = $"User-agent: *\nDisallow: /bookings\nDisallow: /wallet\nDisallow: /account\nDisallow: /sign-\nDisallow: /business\nDisallow: /operator\nDisallow: /api/\nSitemap: {url}/sitemap.xml\n";
        app.MapGet("/robots.txt", () => Results.Text(robots));
        app.MapGet("/sitemap.xml", async (BookSagaApi api, CancellationToken ct) =>
        {
            var paths = new List<string> { "" };
            paths.AddRange((await AllAsync(api, "/companies", ct)).Select(id => $"/companies/{id}"));
            paths.AddRange((await AllAsync(api, "/offers", ct)).Select(id => ClientRoutes.OfferOf(id)));
            var map = new XElement(Schema + "urlset", paths.Select(path => new XElement(Schema + "url", new XElement(Schema + "loc", url + path))));
            return Results.Text("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + map, "application/xml", Encoding.UTF8);
        });
    }

    private static async Task<List<long>> AllAsync(BookSagaApi api, string path, CancellationToken ct)
    {
        var ids = new List<long>();
        for (int page = 1; page <= Pages && await api.GetAsync<List<Listed>>($"{path}?page={page}&limit={PageSize}", ct) is { Value: { Count: > 0 } found }; page++)
        {
            ids.AddRange(found.Select(entry => entry.Id));
            if (found.Count < PageSize)
            {
                break;
            }
        }
        return ids;
    }

    private sealed record Listed(long Id);
}
