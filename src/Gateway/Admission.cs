using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace BookSaga.Gateway;

/// <summary>Who gets in: not more at once than we can serve (503), no password guessers (429), and signed-in routes only with a token (401).</summary>
internal static class Admission
{
    /// <summary>The policy of <see cref="Access.SignedIn"/> routes: what every service asks by default.</summary>
    internal const string SignedInPolicy = "signed-in";

    /// <summary>The policy of <see cref="Limit.Login"/> routes.</summary>
    internal const string LoginPolicy = "login";

    internal static void AddGatewayOptions(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton<IValidateOptions<GatewayOptions>, GatewayOptions>()
            .AddOptions<GatewayOptions>().BindConfiguration("").ValidateOnStart();

    internal static void AddAdmission(this WebApplicationBuilder builder)
    {
        // Unknown routes are 404 and wrong methods 405 for everybody, so nothing is asked of a request that no route has.
        builder.Services.Configure<AuthorizationOptions>(static authorization =>
        {
            authorization.AddPolicy(SignedInPolicy, authorization.FallbackPolicy!);
            authorization.FallbackPolicy = null;
        });
        builder.Services.AddRateLimiter(static limiter =>
        {
            limiter.AddPolicy<IPAddress, LoginLimit>(LoginPolicy);
            limiter.OnRejected = static (context, _) => new ValueTask(Problems.WriteUnavailableAsync(context.HttpContext));
        });
        builder.Services.AddOptions<RateLimiterOptions>()
            .Configure<IOptions<GatewayOptions>>(static (limiter, gateway) => limiter.GlobalLimiter = new ProxyRoom(gateway.Value.RateLimit.Concurrency));
        builder.Services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<GatewayOptions>>(static (forwarded, gateway) =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            forwarded.ForwardLimit = null; // through all trusted proxies, up to the first address that is none
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (System.Net.IPNetwork network in gateway.Value.TrustedNetworks())
            {
                forwarded.KnownIPNetworks.Add(network);
            }
        });
    }

    internal static void UseAdmission(this WebApplication app)
    {
        // Without known proxies the middleware would believe everybody.
        if (app.Services.GetRequiredService<IOptions<GatewayOptions>>().Value.TrustedNetworks().Any())
        {
            app.UseForwardedHeaders();
        }
        app.UseRateLimiter();
    }

    /// <summary>Room for so many proxied requests at once; health and our own pages need none. One limiter without the library's partitions, which it looks through ten times a second.</summary>
    private sealed class ProxyRoom(int requests) : PartitionedRateLimiter<HttpContext>
    {
        private static readonly NoRoomNeeded s_free = new();
        private readonly ConcurrencyLimiter _limiter = new(new ConcurrencyLimiterOptions { PermitLimit = requests });

        public override RateLimiterStatistics? GetStatistics(HttpContext resource) => IsProxied(resource) ? _limiter.GetStatistics() : null;

        protected override RateLimitLease AttemptAcquireCore(HttpContext resource, int permitCount) => IsProxied(resource) ? _limiter.AttemptAcquire(permitCount) : s_free;

        protected override ValueTask<RateLimitLease> AcquireAsyncCore(HttpContext resource, int permitCount, CancellationToken cancellationToken) =>
            IsProxied(resource) ? _limiter.AcquireAsync(permitCount, cancellationToken) : ValueTask.FromResult<RateLimitLease>(s_free);

        protected override void Dispose(bool disposing)
        {
            _limiter.Dispose();
            base.Dispose(disposing);
        }

        private static bool IsProxied(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<Yarp.ReverseProxy.Model.RouteModel>() is not null;

        private sealed class NoRoomNeeded : RateLimitLease
        {
            public override bool IsAcquired => true;

            public override IEnumerable<string> MetadataNames => [];

            public override bool TryGetMetadata(string metadataName, out object? metadata)
            {
                metadata = null;
                return false;
            }
        }
    }

    /// <summary>A bucket for each client address that refills steadily, shared by all login routes.</summary>
    private sealed class LoginLimit(IOptions<GatewayOptions> gateway) : IRateLimiterPolicy<IPAddress>
    {
        public Func<OnRejectedContext, CancellationToken, ValueTask> OnRejected { get; } = static (context, _) =>
        {
            double seconds = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan wait) ? Math.Ceiling(wait.TotalSeconds) : 1;
            context.HttpContext.Response.Headers.RetryAfter = Math.Max(1, seconds).ToString("F0", System.Globalization.CultureInfo.InvariantCulture);
            return new ValueTask(Problems.WriteAsync(context.HttpContext, StatusCodes.Status429TooManyRequests));
        };

        public RateLimitPartition<IPAddress> GetPartition(HttpContext httpContext) =>
            RateLimitPartition.GetTokenBucketLimiter(Client(httpContext.Connection.RemoteIpAddress), _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = gateway.Value.RateLimit.LoginPerMinute,
                TokensPerPeriod = 1,
                ReplenishmentPeriod = TimeSpan.FromMinutes(1) / gateway.Value.RateLimit.LoginPerMinute,
            });

        // One household has a whole /64 of IPv6 addresses.
        private static IPAddress Client(IPAddress? address)
        {
            if (address is null || address.AddressFamily == AddressFamily.InterNetwork)
            {
                return address ?? IPAddress.None;
            }
            if (address.IsIPv4MappedToIPv6)
            {
                return address.MapToIPv4();
            }
            byte[] bytes = address.GetAddressBytes();
            bytes.AsSpan(8).Clear();
            return new IPAddress(bytes);
        }
    }
}
