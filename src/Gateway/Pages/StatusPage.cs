using System.Net;
using System.Security.Cryptography;
using System.Text;
using BookSaga.Hosting.Auth;
using Microsoft.Extensions.Options;

namespace BookSaga.Gateway.Pages;

/// <summary>GET /status: where everything is, and how each service is doing right now. Plain HTML, no scripts.</summary>
internal static class StatusPage
{
    private const string Style = """
        :root { color-scheme: light dark; --ink: #1c1e21; --soft: #5a6068; --paper: #fbfaf7; --line: #dedad0; --link: #0b5cad; --good: #1a7f37; --bad: #b42318 }
        @media (prefers-color-scheme: dark) { :root { --ink: #e8e6e1; --soft: #a5a9b0; --paper: #17191c; --line: #33373d; --link: #7cb7f5; --good: #56d364; --bad: #ff8a80 } }
        * { box-sizing: border-box }
        body { margin: 0; padding: 3rem 1.25rem; background: var(--paper); color: var(--ink); font: 1.05rem/1.6 system-ui, sans-serif }
        main { max-width: 38rem; margin: 0 auto }
        h1 { margin: 0; font-size: 2rem; line-height: 1.2 }
        h2 { margin: 2.5rem 0 .5rem; font-size: 1.15rem }
        p { margin: .5rem 0; color: var(--soft) }
        a { color: var(--link); text-underline-offset: .2em }
        a:focus-visible { outline: 3px solid var(--link); outline-offset: 3px }
        ul { margin: 0; padding-left: 1.2rem }
        table { width: 100%; border-collapse: collapse }
        th, td { padding: .45rem 0; border-bottom: 1px solid var(--line); text-align: left; font-weight: normal }
        td { text-align: right }
        .good { color: var(--good) } .bad { color: var(--bad); font-weight: 600 }
        """;

    // The policy names exactly this style, so no other can be smuggled in.
    private static readonly string s_policy = $"style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'";

    internal static void MapStatusPage(this IEndpointRouteBuilder app) => app.MapGet("/status", HandleAsync).AllowAnonymous().ExcludeFromDescription();

    private static async Task<IResult> HandleAsync(HttpContext context, ServiceHealth health, IOptions<GatewayOptions> gateway, IOptions<AuthOptions> auth, CancellationToken cancellationToken)
    {
        IReadOnlyList<ServiceHealth.Status> services = await health.AskAsync(cancellationToken);
        SecurityHeaders.Set(context, s_policy);
        context.Response.Headers.CacheControl = "no-store";
        return Results.Content(Render(services, Links(gateway.Value, auth.Value)), "text/html; charset=utf-8");
    }

    private static IEnumerable<(string Address, string Text)> Links(GatewayOptions gateway, AuthOptions auth)
    {
        yield return ("/", "The marketplace");
        yield return ("/docs", "API reference");
        yield return ("/openapi/v1.json", "The same as an OpenAPI document");
        yield return ("/readyz", "Health of this gateway");
        yield return (auth.Issuer.TrimEnd('/') + "/.well-known/openid-configuration", "Identity provider (OpenID discovery)");
        if (gateway.Links.Mail is { } mail)
        {
            yield return (mail.AbsoluteUri, "Mail catcher: everything that was mailed");
        }
    }

    private static string Render(IReadOnlyList<ServiceHealth.Status> services, IEnumerable<(string Address, string Text)> links) => $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Status · BookSaga</title>
        <style>{Style}</style>
        </head>
        <body>
        <main>
        <h1>BookSaga</h1>
        <p>A marketplace for booking services. This is its gateway: the API is at <code>/api/v1</code>.</p>
        <nav aria-labelledby="places"><h2 id="places">Places</h2>
        <ul>
        {string.Join('\n', links.Select(link => $"<li><a href=\"{WebUtility.HtmlEncode(link.Address)}\">{WebUtility.HtmlEncode(link.Text)}</a></li>"))}
        </ul></nav>
        <section aria-labelledby="services"><h2 id="services">Services, right now</h2>
        <table>
        <tbody>
        {string.Join('\n', services.Select(Row))}
        </tbody>
        </table>
        <p><a href="/status">Ask again</a></p></section>
        </main>
        </body>
        </html>
        """;

    private static string Row(ServiceHealth.Status service)
    {
        string mark = service.Ready == service.Replicas ? "good" : "bad";
        string word = service.Ready == service.Replicas ? "ready" : service.Ready == 0 ? "not ready" : "partly ready";
        string count = service.Replicas > 1 ? $" ({service.Ready} of {service.Replicas})" : "";
        return $"<tr><th scope=\"row\">{service.Name}</th><td class=\"{mark}\">{word}{count}</td></tr>";
    }
}
