using System.Net;
using System.Net.Sockets;

namespace BookSaga.Notification.Webhooks;

/// <summary>Which addresses a webhook may lead to: those that anybody on the Internet can reach. All others belong to us or to our neighbours.</summary>
internal static class PublicAddress
{
    // The IANA IPv4 special-purpose address registry, and 168.63.129.16, where Azure answers its machines.
    private static readonly IPNetwork[] Reserved =
    [
        .. ((string[])
        [
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ]).Select(IPNetwork.Parse),
    ];

    // The IANA IPv6 registries: global unicast is 2000::/3, and these parts of it are not, or lead on to an IPv4 address of the caller's choice (Teredo, 6to4).
    private static readonly IPNetwork Global = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork[] ReservedGlobal = [.. ((string[])["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]).Select(IPNetwork.Parse)];

    // RFC 6052: where a network has IPv6 alone, IPv4 addresses look so.
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>Whether <paramref name="address"/> is public; an IPv4 address inside an IPv6 one counts as itself.</summary>
    internal static bool Is(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return Is(address.MapToIPv4());
        }
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return !Reserved.Any(network => network.Contains(address));
        }
        return Nat64.Contains(address)
            ? Is(new IPAddress(address.GetAddressBytes()[12..]))
            : Global.Contains(address) && !ReservedGlobal.Any(network => network.Contains(address));
    }
}

/// <summary>The endpoint's host has no address that may be asked. The message does not name any: what our resolver knows is not the company's business.</summary>
internal sealed class ForbiddenAddressException() : IOException("the host has no public address");
