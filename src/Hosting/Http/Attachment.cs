using Microsoft.AspNetCore.Http;

namespace BookSaga.Hosting.Http;

/// <summary>An answer that browsers keep as a file.</summary>
public static class Attachment
{
    /// <summary>Sets the headers; the body follows.</summary>
    public static void Begin(HttpContext context, string contentType, string fileName)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Response.ContentType = contentType;
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{fileName}\"";
        context.Response.Headers.CacheControl = "no-store";
    }
}
