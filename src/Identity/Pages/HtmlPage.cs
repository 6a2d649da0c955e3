using System.Net;
using System.Security.Cryptography;
using System.Text;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Antiforgery;
using OpenIddict.Abstractions;

namespace BookSaga.Identity.Pages;

/// <summary>The few pages that people see here: plain HTML without scripts. Everything put into them is encoded.</summary>
internal static class HtmlPage
{
    private const string Style = """
        :root { color-scheme: light dark; --ink: #17211d; --paper: #fffdf9; --ground: #f6f3ec; --line: #8b9189; --accent: #0e5c4a; --on: #fff; --bad: #a8281e }
        @media (prefers-color-scheme: dark) { :root { --ink: #e8ede9; --paper: #18201d; --ground: #101614; --line: #77827b; --accent: #6fd3b3; --on: #06231b; --bad: #ff9f92 } }
        * { box-sizing: border-box }
        body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
        main { width: 100%; max-width: 24rem; padding: 2rem; border-radius: 1rem; background: var(--paper) }
        p.brand { margin: 0; font-weight: 700; color: var(--accent) }
        h1 { margin: 0 0 1.25rem; font-size: 1.5rem }
        label { display: block; margin: 1rem 0 .25rem; font-weight: 600 }
        input { width: 100%; padding: .65rem .75rem; border: 1px solid var(--line); border-radius: .5rem; background: transparent; color: inherit; font: inherit }
        button { width: 100%; margin-top: 1.5rem; padding: .75rem; border: 0; border-radius: .5rem; background: var(--accent); color: var(--on); font: inherit; font-weight: 600; cursor: pointer }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
        .error { margin: 0; padding: .75rem; border: 1px solid var(--bad); border-radius: .5rem; color: var(--bad) }
        """;

    private static readonly string Policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>The login form, with what went wrong the last time.</summary>
    public static IResult Login(Language language, string action, AntiforgeryTokenSet token, string email, string? error)
    {
        Texts texts = Texts.Of(language);
        string told = error is null ? "" : $"""<p class="error" id="error" role="alert">{Encode(error)}</p>""";
        string described = error is null ? "" : """ aria-describedby="error" aria-invalid="true" """;
        (string first, string second) = email.Length == 0 ? (" autofocus", "") : ("", " autofocus");
        return Html(language, texts.SignIn, $"""
            {told}
            <form method="post" action="{Encode(action)}">
            {Hidden(token.FormFieldName, token.RequestToken)}
            <label for="username">{Encode(texts.Email)}</label>
            <input id="username" name="username" type="text" inputmode="email" autocapitalize="none" spellcheck="false" autocomplete="username" required maxlength="254" value="{Encode(email)}"{described}{first}>
            <label for="password">{Encode(texts.Password)}</label>
            <input id="password" name="password" type="password" autocomplete="current-password" required maxlength="128"{described}{second}>
            <button type="submit">{Encode(texts.SignIn)}</button>
            </form>
            """);
    }

    /// <summary>Asks before a session is ended that no id_token_hint proves.</summary>
    public static IResult ConfirmLogout(Language language, string action, OpenIddictRequest request, AntiforgeryTokenSet token)
    {
        Texts texts = Texts.Of(language);
        return Html(language, texts.ConfirmSignOut, $"""
            <form method="post" action="{Encode(action)}">
            {Hidden(token.FormFieldName, token.RequestToken)}
            {string.Concat(request.GetParameters().Where(p => p.Key != token.FormFieldName).Select(p => Hidden(p.Key, (string?)p.Value)))}
            <button type="submit">{Encode(texts.SignOut)}</button>
            </form>
            """);
    }

    /// <summary>The end of a logout that names no page to go to.</summary>
    public static IResult SignedOut(Language language) => Html(language, Texts.Of(language).SignedOut, "");

    /// <summary>400: a request that must not be redirected, because its client or address is not known.</summary>
    public static IResult Refusal(Language language, string reason) =>
        Html(language, Texts.Of(language).Refused, $"""<p class="error" role="alert">{Encode(reason)}</p>""", StatusCodes.Status400BadRequest);

    private static HtmlResult Html(Language language, string title, string body, int status = StatusCodes.Status200OK) => new(status, $"""
        <!DOCTYPE html>
        <html lang="{language.Code}">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{Encode(title)} · BookSaga</title>
        <style>{Style}</style>
        </head>
        <body>
        <main>
        <p class="brand">BookSaga</p>
        <h1>{Encode(title)}</h1>
        {body}
        </main>
        </body>
        </html>

        """);

    private static string Hidden(string name, string? value) => $"""<input type="hidden" name="{Encode(name)}" value="{Encode(value)}">""";

    private static string Encode(string? text) => WebUtility.HtmlEncode(text) ?? "";

    private sealed class HtmlResult(int status, string html) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            IHeaderDictionary headers = httpContext.Response.Headers;
            headers.CacheControl = "no-store";
            headers.ContentSecurityPolicy = Policy;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers.Vary = "Accept-Language";
            return Results.Content(html, "text/html; charset=utf-8", Encoding.UTF8, status).ExecuteAsync(httpContext);
        }
    }
}
