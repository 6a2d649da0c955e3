using System.Net;
using Microsoft.Extensions.Options;

namespace BookSaga.Gateway;

/// <summary>The gateway's settings. A wrong one stops the start, and all wrong ones are named at once.</summary>
internal sealed class GatewayOptions : IValidateOptions<GatewayOptions>
{
    /// <summary><c>Backends:company</c> and so on: the HTTP addresses of each backend's replicas, separated by commas.</summary>
    public Dictionary<Backend, string> Backends { get; set; } = [];

    /// <summary><c>RateLimit:*</c>.</summary>
    public RateLimits RateLimit { get; set; } = new();

    /// <summary><c>TimeLimit:*</c>.</summary>
    public TimeLimits TimeLimit { get; set; } = new();

    /// <summary><c>Links:*</c>.</summary>
    public PageLinks Links { get; set; } = new();

    /// <summary><c>TrustedProxies</c>: networks (CIDR, separated by commas) of load balancers in front of us and of the web, whose <c>X-Forwarded-For</c> tells the client's address.</summary>
    public string TrustedProxies { get; set; } = "";

    /// <summary>The addresses of one backend's replicas.</summary>
    public IReadOnlyList<Uri> AddressesOf(Backend backend) =>
        Backends.TryGetValue(backend, out string? list)
            ? [.. Split(list).Select(address => Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" ? uri : null).OfType<Uri>()]
            : [];

    /// <summary>The networks of <see cref="TrustedProxies"/>.</summary>
    public IEnumerable<IPNetwork> TrustedNetworks() => Split(TrustedProxies).Select(IPNetwork.Parse);

    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, GatewayOptions options)
    {
        List<string> errors = [];
        foreach (Backend backend in Enum.GetValues<Backend>())
        {
            int given = options.Backends.TryGetValue(backend, out string? list) ? Split(list).Length : 0;
            if (given == 0 || given != options.AddressesOf(backend).Count)
            {
                errors.Add($"Backends:{backend.Name()} must be one or more http:// addresses, separated by commas.");
            }
        }
        errors.AddRange(Split(options.TrustedProxies).Where(network => !IPNetwork.TryParse(network, out _))
            .Select(network => $"TrustedProxies: '{network}' is not a network such as 10.0.0.0/8."));
        if (options.RateLimit.LoginPerMinute < 1 || options.RateLimit.Concurrency < 1)
        {
            errors.Add("RateLimit:LoginPerMinute and RateLimit:Concurrency must be at least 1.");
        }
        if (options.TimeLimit.Short <= TimeSpan.Zero || options.TimeLimit.Saga <= TimeSpan.Zero)
        {
            errors.Add("TimeLimit:Short and TimeLimit:Saga must be times such as 00:00:15.");
        }
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Settings <c>RateLimit:*</c>.</summary>
    internal sealed class RateLimits
    {
        /// <summary>Register, login and token calls per minute from one client address.</summary>
        public int LoginPerMinute { get; set; } = 60;

        /// <summary>Requests in progress at most; more than the services can hold only wait in line and time out.</summary>
        public int Concurrency { get; set; } = 1024;
    }

    /// <summary>Settings <c>TimeLimit:*</c>: the longest that a client waits for a whole answer.</summary>
    internal sealed class TimeLimits
    {
        /// <summary>For a statement or two.</summary>
        public TimeSpan Short { get; set; } = TimeSpan.FromSeconds(15);

        /// <summary>For a saga; longer than its service waits before it answers 202.</summary>
        public TimeSpan Saga { get; set; } = TimeSpan.FromSeconds(20);

        /// <summary>The limit of a class.</summary>
        public TimeSpan Of(Wait wait) => wait == Wait.Saga ? Saga : Short;
    }

    /// <summary>Settings <c>Links:*</c>: what the status page links to besides ourselves.</summary>
    internal sealed class PageLinks
    {
        /// <summary>The mail catcher's page, where there is one.</summary>
        public Uri? Mail { get; set; }
    }
}

/// <summary>A backend's name in settings, addresses and documents.</summary>
internal static class BackendNames
{
    /// <summary>For example <c>company</c>.</summary>
    internal static string Name(this Backend backend) => backend.ToString().ToLowerInvariant();
}
