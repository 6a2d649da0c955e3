using System.Security.Cryptography;
using System.Text;
using BookSaga.Hosting.Data;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace BookSaga.Customer.Profiles;

/// <summary>
/// POST /customer/reminders/unsubscribe/{token}: no more reminders for the client whose token it is; what mail programs send for one click (RFC 8058), so no
/// login, any body, and a repeat is fine. GET: a page with a button that does it. It changes nothing, because mail programs and scanners fetch links unasked.
/// </summary>
/// <remarks>404 link not found: not a token of ours.</remarks>
internal static class Unsubscribe
{
    internal sealed record Reply(string Result);

    private const string Style = """
        body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #f3f5f8; color: #1d2733; font: 1rem/1.5 system-ui, sans-serif }
        main { max-width: 26rem; margin: 1rem; padding: 2rem; background: #fff; border-top: 4px solid #2a4bd7 }
        h1 { margin: 0 0 1rem; font-size: 1.4rem }
        button { padding: .75rem 1.25rem; border: 0; background: #2a4bd7; color: #fff; font: inherit; font-weight: 600; cursor: pointer }
        :focus-visible { outline: 3px solid #7d95ff; outline-offset: 2px }
        """;

    private static readonly string Policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    internal static void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder link = routes.MapGroup("/customer/reminders/unsubscribe").AllowAnonymous();
        link.MapPost("/{token}", PostAsync).WithSummary("No more reminders, by the link in one").Produces<Reply>();
        link.MapGet("/{token}", GetAsync).WithSummary("A page that asks before it unsubscribes").Produces<string>(contentType: "text/html");
    }

    private static async Task<IResult> PostAsync(string token, UnsubscribeTokens tokens, NpgsqlDataSource db, Language language, HttpContext context, CancellationToken ct)
    {
        if (await tokens.ReadAsync(token, ct) is not { } customer)
        {
            return Problems.NotFound("link not found");
        }
        await db.ExecuteAsync(ReminderChoice.SetSql, ct, customer, false, false);
        return context.Request.GetTypedHeaders().Accept.Any(a => a.MediaType == "text/html")
            ? Page(context, language, Words(language).Done, "")
            : TypedResults.Ok(new Reply("unsubscribed"));
    }

    private static async Task<IResult> GetAsync(string token, UnsubscribeTokens tokens, Language language, HttpContext context, CancellationToken ct) =>
        await tokens.ReadAsync(token, ct) is null
            ? Problems.NotFound("link not found")
            : Page(context, language, Words(language).Ask, $"""<form method="post"><button name="List-Unsubscribe" value="One-Click">{Words(language).Button}</button></form>""");

    private static ContentHttpResult Page(HttpContext context, Language language, string text, string form)
    {
        context.Response.Headers.ContentSecurityPolicy = Policy;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "no-referrer"; // the address is the right to unsubscribe
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Text($"""
            <!DOCTYPE html>
            <html lang="{language.Code}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>BookSaga</title><style>{Style}</style></head>
            <body><main><h1>{Words(language).Title}</h1><p role="status">{text}</p>{form}</main></body></html>

            """, "text/html; charset=utf-8");
    }

    private static (string Title, string Ask, string Button, string Done) Words(Language language) => language.Code == "en"
        ? ("Reminders", "Do you want no more reminders of your appointments?", "No more reminders", "You will get no more reminders. You can switch them on again in your profile.")
        : ("Напоминания", "Больше не напоминать вам о записях?", "Больше не напоминать", "Напоминаний больше не будет. Включить их снова можно в профиле.");
}
