using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace BookSaga.Launcher;

/// <summary>
/// Ports that nobody listens on. One that was given stays this process's own until its end, also while the server on it restarts: another process that looks here
/// for a port neither takes it nor tries it.
/// </summary>
internal static class FreePort
{
    // The UDP port of the same number, which nobody here uses: the system frees it with the process, however that ends.
    private static readonly ConcurrentDictionary<int, Socket> s_reserved = [];

    // Below every system's range for outgoing connections (Linux 32768, macOS 49152): none of those can take the port while its owner restarts.
    private const int First = 20_000;
    private const int End = 32_000;

    /// <summary>A free port, never one of <paramref name="taken"/>, which it joins; <paramref name="preferred"/> if that is free.</summary>
    internal static int Take(ISet<int> taken, int? preferred = null)
    {
        if (preferred is { } port && !taken.Contains(port) && IsOurs(port))
        {
            taken.Add(port);
            return port;
        }
        for (int attempt = 0; attempt < 1000; attempt++)
        {
            int candidate = RandomNumberGenerator.GetInt32(First, End);
            if (!taken.Contains(candidate) && IsOurs(candidate))
            {
                taken.Add(candidate);
                return candidate;
            }
        }
        throw new Failure($"No free port was found between {First} and {End}.");
    }

    /// <summary>Whether a server can listen on the port at <c>localhost</c>, by either protocol version.</summary>
    internal static bool IsFree(int port) =>
        CanBind(IPAddress.Loopback, port) && (!Socket.OSSupportsIPv6 || CanBind(IPAddress.IPv6Loopback, port));

    // Reserved first, for trying a port takes it for a moment from the server that is about to listen there.
    private static bool IsOurs(int port)
    {
        bool before = s_reserved.ContainsKey(port);
        if (!before && !Reserve(port))
        {
            return false;
        }
        if (IsFree(port))
        {
            return true;
        }
        if (!before && s_reserved.TryRemove(port, out Socket? reservation))
        {
            reservation.Dispose();
        }
        return false;
    }

    private static bool Reserve(int port)
    {
        var reservation = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            reservation.Bind(new IPEndPoint(IPAddress.Loopback, port));
            s_reserved[port] = reservation;
            return true;
        }
        catch (SocketException)
        {
            reservation.Dispose();
            return false;
        }
    }

    private static bool CanBind(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(1);
            return true;
        }
        catch (SocketException e)
        {
            // A machine without a loopback address of this version has nobody listening there either.
            return e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported;
        }
    }
}
