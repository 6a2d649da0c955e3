using System.Net;
using Microsoft.Extensions.Options;

namespace BookSaga.Hosting.Auth;

/// <summary>
/// Sends what is for the identity provider to its next replica (<c>Auth:OtherAuthorities</c>) when nobody listens at the one before or it is not ready: both have done nothing
/// with it. All else passes.
/// </summary>
internal sealed class OtherAuthorities(IOptions<AuthOptions> options) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        AuthOptions auth = options.Value;
        Uri? asked = request.RequestUri;
        Uri[] others = auth.Others.Length > 0 && asked?.Authority == new Uri(auth.Authority).Authority ? auth.Others : [];
        // A body is sent once, so it is kept for the next one.
        if (others.Length > 0 && request.Content is { } content)
        {
            await content.LoadIntoBufferAsync(cancellationToken);
        }
        for (int i = 0; ; i++)
        {
            try
            {
                HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
                if (response.StatusCode != HttpStatusCode.ServiceUnavailable || i == others.Length)
                {
                    return response;
                }
                response.Dispose();
            }
            catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError && i < others.Length)
            {
                // the next one
            }
            request.RequestUri = new UriBuilder(asked!) { Host = others[i].Host, Port = others[i].Port }.Uri;
        }
    }
}
