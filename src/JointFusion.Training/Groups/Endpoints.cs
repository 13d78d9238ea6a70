using System.Net;
using System.Net.Sockets;

namespace JointFusion.Training;

/// <summary>host:port, the host a name, an IPv4 address, or an IPv6 address in brackets.</summary>
internal static class Endpoints
{
    public static string Format(string host, int port) =>
        host.Contains(':') && !host.StartsWith('[') ? $"[{host}]:{port}" : $"{host}:{port}";

    /// <exception cref="ArgumentException">Not of the form host:port.</exception>
    /// <exception cref="SocketException">The host is not known.</exception>
    public static IPEndPoint Parse(string endpoint)
    {
        var colon = endpoint.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(endpoint.AsSpan(colon + 1), out var port))
            throw new ArgumentException($"'{endpoint}' is not of the form host:port.", nameof(endpoint));
        return new IPEndPoint(Resolve(endpoint[..colon]), port);
    }

    /// <exception cref="SocketException">The host is not known.</exception>
    public static IPAddress Resolve(string host) =>
        IPAddress.TryParse(host.AsSpan().Trim("[]"), out var address) ? address
        : Dns.GetHostAddresses(host) is [var first, ..] ? first
        : throw new SocketException((int)SocketError.HostNotFound);
}
