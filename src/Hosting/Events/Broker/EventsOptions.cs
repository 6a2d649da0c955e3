using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace BookSaga.Hosting.Events.Broker;

/// <summary>Settings <c>Events:*</c>: how events travel.</summary>
internal sealed class EventsOptions
{
    /// <summary>The value of <see cref="Transport"/> for delivery through a broker.</summary>
    internal const string Broker = "RabbitMq";

    /// <summary>How this process sends: <c>Direct</c>, or <c>RabbitMq</c>. It takes what comes by either.</summary>
    public string Transport { get; set; } = "Direct";

    /// <summary>The broker; without an address there is none.</summary>
    public BrokerOptions RabbitMq { get; set; } = new();
}

/// <summary>Settings <c>Events:RabbitMq:*</c>.</summary>
internal sealed class BrokerOptions
{
    /// <summary><c>amqp://user:password@host[:port][/vhost]</c>, or <c>amqps://…</c> with TLS; the nodes of a cluster separated by commas.</summary>
    public string Url { get; set; } = "";

    /// <summary>A PEM file of the authorities that may have signed the broker's certificate. Empty: the system's.</summary>
    public string CaFile { get; set; } = "";

    /// <summary>What the names of all queues begin with, so that several installations can share a broker.</summary>
    public string Prefix { get; set; } = "booksaga";

    /// <summary>Events that one process holds unacknowledged at most, 1 to 10,000.</summary>
    public int Prefetch { get; set; } = 200;

    /// <summary>The pause before an event that was refused is tried again, 10 ms to 1 h.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the broker may take to answer or to confirm, 0.1 s to 2 min; then the connection is given up.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The addresses of its nodes.</summary>
    internal Uri[] Nodes => [.. Url.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(node => new Uri(node))];
}

/// <summary>Names every wrong setting at once.</summary>
internal sealed partial class EventsOptionsCheck : IValidateOptions<EventsOptions>
{
    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, EventsOptions options)
    {
        string[] errors = [.. Errors(options), .. Errors(options.RabbitMq)];
        return errors.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static IEnumerable<string> Errors(EventsOptions options)
    {
        bool broker = options.Transport == EventsOptions.Broker;
        if (!broker && options.Transport != "Direct")
        {
            yield return $"Events:Transport '{options.Transport}' is neither Direct nor RabbitMq.";
        }
        if (broker && options.RabbitMq.Url.Length == 0)
        {
            yield return "Events:RabbitMq:Url is empty: give amqp://user:password@host[:port][/vhost], or amqps://….";
        }
    }

    private static IEnumerable<string> Errors(BrokerOptions options)
    {
        // The value holds a password, so it is not shown.
        Uri?[] nodes = [.. options.Url.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Node)];
        if (Array.Exists(nodes, node => node is null))
        {
            yield return "Events:RabbitMq:Url is not amqp://user:password@host[:port][/vhost] or amqps://…, several separated by commas.";
        }
        else if (nodes.DistinctBy(node => (node!.Scheme, node.UserInfo, node.AbsolutePath)).Count() > 1)
        {
            yield return "Events:RabbitMq:Url has addresses that differ in more than host and port.";
        }
        if (options.CaFile.Length > 0 && !IsCertificate(options.CaFile))
        {
            yield return $"Events:RabbitMq:CaFile '{options.CaFile}' is not a file of certificates in PEM.";
        }
        if (!PrefixPattern().IsMatch(options.Prefix))
        {
            yield return $"Events:RabbitMq:Prefix '{options.Prefix}' is not 1 to 50 of a-z, 0-9, - and dots.";
        }
        if (options.Prefetch is < 1 or > 10_000)
        {
            yield return $"Events:RabbitMq:Prefetch {options.Prefetch} is not between 1 and 10000.";
        }
        if (options.RetryDelay < TimeSpan.FromMilliseconds(10) || options.RetryDelay > TimeSpan.FromHours(1))
        {
            yield return $"Events:RabbitMq:RetryDelay {options.RetryDelay} is not between 00:00:00.010 and 01:00:00.";
        }
        if (options.Timeout < TimeSpan.FromMilliseconds(100) || options.Timeout > TimeSpan.FromMinutes(2))
        {
            yield return $"Events:RabbitMq:Timeout {options.Timeout} is not between 00:00:00.100 and 00:02:00.";
        }
    }

    private static Uri? Node(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? node) && node.Scheme is "amqp" or "amqps" && node.Host.Length > 0 && node.UserInfo.Contains(':', StringComparison.Ordinal) ? node : null;

    private static bool IsCertificate(string file)
    {
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPemFile(file);
            return certificates.Count > 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"^[a-z0-9.-]{1,50}\z")]
    private static partial Regex PrefixPattern();
}
