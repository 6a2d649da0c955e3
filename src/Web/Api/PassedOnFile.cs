namespace BookSaga.Web.Api;

/// <summary>A file of the API's, passed on as it comes: the browser has no token for it.</summary>
internal static class PassedOnFile
{
    /// <summary>Answers with the file at <paramref name="path"/> under its own or another name, or gives the status that refused it: 503 when no answer came.</summary>
    internal static async Task<int?> PassOnAsync(this BookSagaApi api, string path, string? fileName, HttpContext context, CancellationToken gone)
    {
        try
        {
            using HttpResponseMessage answer = await api.StreamAsync(path, null, gone);
            if (!answer.IsSuccessStatusCode)
            {
                return (int)answer.StatusCode;
            }
            context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
            context.Response.Headers.ContentDisposition = fileName is null ? answer.Content.Headers.ContentDisposition?.ToString() : $"attachment; filename=\"{fileName}\"";
            context.Response.Headers.CacheControl = "no-store";
            await using Stream file = await answer.Content.ReadAsStreamAsync(gone);
            await file.CopyToAsync(context.Response.Body, gone);
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !context.Response.HasStarted)
        {
            return StatusCodes.Status503ServiceUnavailable;
        }
    }
}
