using Microsoft.AspNetCore.Http.Features;

namespace BookSaga.Web.Pages.Operator;

/// <summary>
/// GET /operator/pulse: an event every five seconds, at which an open page asks for its numbers again. It ends after ten minutes; the browser comes back
/// by itself, and is asked anew who it is.
/// </summary>
internal static class Pulse
{
    private const int Beats = 120;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapGet(OperatorRoutes.Pulse, HandleAsync).RequireAuthorization(OperatorAccess.Policy);

    private static async Task HandleAsync(HttpContext context, TimeProvider time, IHostApplicationLifetime host)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, host.ApplicationStopping);
        context.Response.ContentType = "text/event-stream";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        try
        {
            await context.Response.Body.FlushAsync(gone.Token);
            for (int beat = 0; beat < Beats; beat++)
            {
                await Task.Delay(Every, time, gone.Token);
                await context.Response.WriteAsync("event: step\ndata: again\n\n", gone.Token);
                await context.Response.Body.FlushAsync(gone.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left, or this replica goes.
        }
    }
}
