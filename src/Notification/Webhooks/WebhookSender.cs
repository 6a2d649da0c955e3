using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Microsoft.Extensions.Options;

namespace BookSaga.Notification.Webhooks;

/// <summary>What came of one request.</summary>
/// <param name="At">When it began.</param>
/// <param name="Duration">Until its answer or failure.</param>
/// <param name="Status">The answer's; null when none came.</param>
/// <param name="Error">Why it failed; null for 2xx.</param>
/// <param name="Answer">The beginning of the answer's body.</param>
/// <param name="RetryAfter">What the endpoint asked for.</param>
internal sealed record Attempt(DateTimeOffset At, TimeSpan Duration, int? Status, string? Error, string Answer = "", TimeSpan? RetryAfter = null)
{
    internal bool Delivered => Error is null;

    /// <summary>The endpoint wants nothing more, ever.</summary>
    internal bool Gone => Status == (int)HttpStatusCode.Gone;
}

/// <summary>Posts to endpoints that are anybody's: no proxy, no cookies, no redirects, no decompression, no address of ours, and nothing read beyond a small part of the answer.</summary>
internal sealed class WebhookSender(IOptions<WebhookOptions> options, TimeProvider time) : IDisposable
{
    /// <summary>Bytes of an answer that are read and kept.</summary>
    internal const int MaxAnswerBytes = 1024;

    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private readonly HttpMessageInvoker _http = new(CreateHandler(options.Value.AllowPrivateAddresses));

    /// <summary>Makes one attempt. Throws only when <paramref name="stopping"/> ends it.</summary>
    internal async Task<Attempt> SendAsync(DueWebhook due, CancellationToken stopping)
    {
        DateTimeOffset at = time.GetUtcNow();
        var watch = Stopwatch.StartNew();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(options.Value.Timeout);
        try
        {
            using HttpRequestMessage request = Request(due, at);
            using HttpResponseMessage response = await _http.SendAsync(request, limit.Token);
            TimeSpan duration = watch.Elapsed;
            int status = (int)response.StatusCode;
            string? error = response.IsSuccessStatusCode ? null : status is >= 300 and < 400 ? "redirects are not followed" : string.Create(CultureInfo.InvariantCulture, $"answered {status}");
            return new Attempt(at, duration, status, error, await ReadAnswerAsync(response, limit.Token), RetryAfter(response, at));
        }
        // Whatever it was, it was this endpoint's request and says nothing about others.
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            return new Attempt(at, watch.Elapsed, null, Reason(e));
        }
    }

    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage Request(DueWebhook due, DateTimeOffset now)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, due.Url) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(due.Body)) };
        request.Content.Headers.ContentType = Json;
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("BookSaga-Webhooks", "1"));
        request.Headers.Add("webhook-id", due.Id);
        request.Headers.Add("webhook-timestamp", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", WebhookSignature.Sign(due.Secrets, due.Id, now, due.Body));
        return request;
    }

    private static SocketsHttpHandler CreateHandler(bool allowPrivate) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null, // our traces are not theirs
        MaxResponseHeadersLength = 16, // kilobytes
        MaxResponseDrainSize = 0,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5), // a name may move
        ConnectCallback = (context, ct) => ConnectAsync(context.DnsEndPoint, allowPrivate, ct),
    };

    // The address that is checked is the one that is connected to: a name that resolves to something else a moment later gains nothing.
    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint endpoint, bool allowPrivate, CancellationToken ct)
    {
        IPAddress[] addresses = [.. (await Dns.GetHostAddressesAsync(endpoint.Host, ct)).Where(address => allowPrivate || PublicAddress.Is(address))];
        if (addresses.Length == 0)
        {
            throw new ForbiddenAddressException();
        }
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, endpoint.Port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // The status has decided already: a body that stalls or breaks off changes nothing.
    private static async Task<string> ReadAnswerAsync(HttpResponseMessage response, CancellationToken ct)
    {
        byte[] buffer = new byte[MaxAnswerBytes];
        int length = 0;
        try
        {
            await using Stream body = await response.Content.ReadAsStreamAsync(ct);
            while (length < buffer.Length && await body.ReadAsync(buffer.AsMemory(length), ct) is > 0 and int read)
            {
                length += read;
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException)
        {
            // What was read is shown.
        }
        return Storable(Encoding.UTF8.GetString(buffer, 0, length));
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response, DateTimeOffset now) =>
        response.Headers.RetryAfter is { } asked ? asked.Delta ?? asked.Date - now : null;

    private string Reason(Exception e) => e switch
    {
        OperationCanceledException => $"no answer within {options.Value.Timeout}",
        ForbiddenAddressException => e.Message,
        HttpRequestException { InnerException: ForbiddenAddressException or AuthenticationException } => e.InnerException.Message,
        // It may quote what the endpoint said.
        _ => Storable(e.Message),
    };

    // PostgreSQL has no NUL in text.
    private static string Storable(string text) => text.Replace('\0', ' ');
}
