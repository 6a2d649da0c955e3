namespace BookSaga.Gateway.Pages;

/// <summary>What the gateway's own pages allow a browser: nothing but themselves.</summary>
internal static class SecurityHeaders
{
    /// <summary>Sets them; <paramref name="sources"/> are the directives of the content security policy that the page needs beyond nothing at all.</summary>
    internal static void Set(HttpContext context, string sources)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = $"default-src 'none'; {sources}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }
}
