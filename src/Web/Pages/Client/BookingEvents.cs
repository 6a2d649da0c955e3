using BookSaga.Web.Api;
using Microsoft.AspNetCore.Http.Features;

namespace BookSaga.Web.Pages.Client;

/// <summary>GET /bookings/{id}/events: the API's server-sent events of one booking, passed on as they come; the browser has no token for them.</summary>
internal static class BookingEvents
{
    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/bookings/{id:guid}/events", HandleAsync).RequireAuthorization();

    private static async Task HandleAsync(Guid id, HttpContext context, BookSagaApi api, CancellationToken gone)
    {
        try
        {
            using HttpResponseMessage answer = await api.StreamAsync(
                $"/customer/bookings/{id}/events",
                headers =>
                {
                    if (context.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last)
                    {
                        headers.TryAddWithoutValidation("Last-Event-ID", last);
                    }
                },
                gone);
            context.Response.StatusCode = (int)answer.StatusCode;
            if (!answer.IsSuccessStatusCode || answer.StatusCode == System.Net.HttpStatusCode.NoContent)
            {
                return;
            }
            context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await using Stream events = await answer.Content.ReadAsStreamAsync(gone);
            await events.CopyToAsync(context.Response.Body, gone);
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
            // One of the two is gone; the browser asks again from where it was.
            if (!context.Response.HasStarted)
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            }
        }
    }
}
