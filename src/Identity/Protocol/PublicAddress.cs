namespace BookSaga.Identity.Protocol;

/// <summary>
/// Behind the gateway a request carries the public host in X-Forwarded-Host; only the issuer's own address is believed.
/// Anything else is a call inside the host or cluster, which gets addresses that it can reach.
/// </summary>
internal static class PublicAddress
{
    public static void UsePublicAddress(this WebApplication app, IdentitySettings settings)
    {
        var host = new HostString(settings.Issuer.Authority);
        app.Use((context, next) =>
        {
            if (context.Request.Host == host || context.Request.Headers["X-Forwarded-Host"] == host.Value)
            {
                (context.Request.Scheme, context.Request.Host) = (settings.Issuer.Scheme, host);
            }
            return next(context);
        });
    }
}
