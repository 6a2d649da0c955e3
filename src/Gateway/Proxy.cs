using System.Diagnostics;
using BookSaga.Hosting.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace BookSaga.Gateway;

/// <summary>
/// The route table as a reverse proxy. What may have reached a service is never sent again, since only the service knows what it has already done; what found
/// nobody listening goes to the next replica.
/// </summary>
/// <remarks>413 too large, 502 the answer was lost, 503 with Retry-After nobody is there, 504 too slow: each as the contract's problem.</remarks>
internal static partial class Proxy
{
    private const string WebRoute = "web";
    private static readonly TimeSpan s_probe = TimeSpan.FromSeconds(0.5);

    internal static void AddProxy(this WebApplicationBuilder builder)
    {
        builder.Services.Configure<RouteOptions>(static routes => routes.SetParameterPolicy<PagePath>(PagePath.Name));
        builder.Logging.AddFilter("Yarp", LogLevel.Error); // a failed request is one line, below
        builder.Services.AddRequestTimeouts();
        builder.Services.AddSingleton<IProxyConfigProvider>(static services =>
        {
            GatewayOptions options = services.GetRequiredService<IOptions<GatewayOptions>>().Value;
            return new InMemoryConfigProvider([.. Routes(options)], [.. Clusters(options)]);
        });
        builder.Services.AddReverseProxy()
            .AddTransforms(AddTransforms)
            .ConfigureHttpClient(static (_, handler) =>
            {
                handler.ConnectTimeout = TimeSpan.FromSeconds(2);
                handler.PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60); // below Kestrel's 130 s: we close, not they, so no request meets a closing connection
                handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5); // so that new replicas behind a name are seen
                handler.ActivityHeadersPropagator = null; // the request's own span is passed on, see below: one for the call would tell the same again
            });
    }

    internal static void MapProxy(this WebApplication app) =>
        app.MapReverseProxy(static proxy =>
        {
            proxy.Use(ExplainFailureAsync);
            proxy.Use(TryTheNextOneAsync);
            proxy.UseLoadBalancing();
            proxy.UsePassiveHealthChecks();
        });

    private static IEnumerable<RouteConfig> Routes(GatewayOptions options) =>
    [
        .. RouteTable.Api.Select(route => new RouteConfig
        {
            RouteId = $"{route.Method} {route.Path}",
            ClusterId = route.Backend.Name(),
            Match = new RouteMatch { Path = route.Path, Methods = [route.Method] },
            AuthorizationPolicy = route.Access == Access.SignedIn ? Admission.SignedInPolicy : "anonymous",
            RateLimiterPolicy = Policy(route.Limit),
            Timeout = route.Wait == Wait.Events ? null : options.TimeLimit.Of(route.Wait),
        }),
        .. RouteTable.Subtrees.Select(subtree => new RouteConfig
        {
            RouteId = subtree.Prefix,
            ClusterId = subtree.Backend.Name(),
            Match = new RouteMatch { Path = subtree.Prefix + "/{**path}" },
            AuthorizationPolicy = "anonymous",
            RateLimiterPolicy = Policy(subtree.Limit),
            Timeout = options.TimeLimit.Short,
        }),
        // Everything else is a page, or a 404 of the web's own. It waits for sagas and streams events, so only a silent one is cut off.
        new RouteConfig
        {
            RouteId = WebRoute,
            ClusterId = Backend.Web.Name(),
            Match = new RouteMatch { Path = $"/{{**path:{PagePath.Name}}}" },
            AuthorizationPolicy = "anonymous",
        },
    ];

    private static string? Policy(Limit limit) => limit == Limit.Login ? Admission.LoginPolicy : null;

    private static IEnumerable<ClusterConfig> Clusters(GatewayOptions options) =>
        Enum.GetValues<Backend>().Select(backend =>
        {
            IReadOnlyList<Uri> addresses = options.AddressesOf(backend);
            return new ClusterConfig
            {
                ClusterId = backend.Name(),
                Destinations = addresses.ToDictionary(address => address.Authority, address => new DestinationConfig { Address = address.AbsoluteUri }),
                LoadBalancingPolicy = "PowerOfTwoChoices",
                // A lone destination is always tried: setting it aside would only turn one refusal into ten seconds of them.
                HealthCheck = addresses.Count == 1 ? null : new HealthCheckConfig
                {
                    AvailableDestinationsPolicy = "HealthyOrPanic",
                    // A replica that stops says so for a while before it is gone (Shutdown:Delay): by then nothing new is sent to it.
                    Active = new ActiveHealthCheckConfig { Enabled = true, Path = "/readyz", Interval = s_probe, Timeout = 2 * s_probe, Policy = HealthCheckConstants.ActivePolicy.ConsecutiveFailures },
                    Passive = new PassiveHealthCheckConfig { Enabled = true, Policy = HealthCheckConstants.PassivePolicy.TransportFailureRate, ReactivationPeriod = TimeSpan.FromSeconds(10) },
                },
                Metadata = new Dictionary<string, string> { [ConsecutiveFailuresHealthPolicyOptions.ThresholdMetadataName] = "1" },
                HttpClient = new HttpClientConfig { RequestHeaderEncoding = "utf-8" }, // as it is read, or a browser with a name of its own could not call
                HttpRequest = new ForwarderRequestConfig
                {
                    Version = System.Net.HttpVersion.Version11,
                    VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                    ActivityTimeout = options.TimeLimit.Saga,
                },
            };
        });

    private static void AddTransforms(TransformBuilderContext context)
    {
        context.AddRequestTransform(static request =>
        {
            DistributedContextPropagator.Current.Inject(
                Activity.Current, request.ProxyRequest, static (message, name, value) => ((HttpRequestMessage)message!).Headers.TryAddWithoutValidation(name, value));
            return ValueTask.CompletedTask;
        });
        Route? route = RouteTable.Api.FirstOrDefault(r => $"{r.Method} {r.Path}" == context.Route.RouteId);
        if (route is null)
        {
            context.AddRequestHeadersAllowed([.. context.Route.RouteId == WebRoute ? RouteTable.WebHeaders : RouteTable.IdentityHeaders, "Host"]);
            context.AddOriginalHost(); // its pages name themselves by the address that the browser sees
            return;
        }
        context.AddRequestHeadersAllowed([.. RouteTable.ApiHeaders]);
        string[] known = route.Query ?? [];
        context.AddRequestTransform(request =>
        {
            foreach (string name in request.HttpContext.Request.Query.Keys.Where(name => !known.Contains(name)))
            {
                request.Query.Collection.Remove(name);
            }
            return ValueTask.CompletedTask;
        });
    }

    // The connection was never made, so nothing was sent and the body has not been read.
    private static async Task TryTheNextOneAsync(HttpContext context, RequestDelegate next)
    {
        IReverseProxyFeature proxied = context.GetReverseProxyFeature();
        IReadOnlyList<DestinationState> left = proxied.AvailableDestinations;
        await next(context);
        while (context.GetForwarderErrorFeature() is { Exception: HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } }
            && !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested
            && (left = [.. left.Where(destination => destination != proxied.ProxiedDestination)]).Count > 0)
        {
            context.Features.Set<IForwarderErrorFeature>(null);
            context.Response.Clear();
            proxied.AvailableDestinations = left;
            await next(context);
        }
    }

    private static async Task ExplainFailureAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        if (context.GetForwarderErrorFeature() is not { } failure)
        {
            return;
        }
        bool late = context.Features.Get<IHttpRequestTimeoutFeature>() is { RequestTimeoutToken.IsCancellationRequested: true };
        if (failure.Error == ForwarderError.RequestCanceled && !late)
        {
            return; // the client has gone
        }
        LogFailed(context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Proxy)), context.Request.Method, context.Request.Path, failure.Error, failure.Exception?.Message);
        if (!context.Response.HasStarted)
        {
            // Reading the client's body and calling the service go on at once, so both may have failed.
            BadHttpRequestException? badBody = (failure.Exception as AggregateException)?.InnerExceptions.OfType<BadHttpRequestException>().FirstOrDefault();
            await ((failure.Error, badBody ?? failure.Exception) switch
            {
                (ForwarderError.RequestBodyClient, BadHttpRequestException bad) => Problems.WriteAsync(context, bad.StatusCode),
                (ForwarderError.NoAvailableDestinations, _) => Problems.WriteUnavailableAsync(context),
                (_, HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError }) => Problems.WriteUnavailableAsync(context),
                (ForwarderError.RequestTimedOut, _) => Problems.WriteAsync(context, StatusCodes.Status504GatewayTimeout),
                _ when late => Problems.WriteAsync(context, StatusCodes.Status504GatewayTimeout),
                _ => Problems.WriteAsync(context, StatusCodes.Status502BadGateway),
            });
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "{Method} {Path} failed: {Error}: {Reason}")]
    private static partial void LogFailed(ILogger logger, string method, string path, ForwarderError error, string? reason);
}
