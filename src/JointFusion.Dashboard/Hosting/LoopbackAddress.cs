using System.Net;

namespace JointFusion.Dashboard;

/// <summary>The one kind of address that the live page is served on.</summary>
internal static class LoopbackAddress
{
    /// <exception cref="ArgumentException">The URL is not http on loopback, or has a path.</exception>
    public static IPAddress Of(Uri url)
    {
        if (url.IsAbsoluteUri && url.Scheme == Uri.UriSchemeHttp && url.PathAndQuery == "/")
        {
            if (url.Host == "localhost")
                return IPAddress.Loopback;
            if (IPAddress.TryParse(url.DnsSafeHost, out var address) && IPAddress.IsLoopback(address))
                return address;
        }

        throw new ArgumentException(
            $"{url}: the live page is served without TLS and so on this machine alone; give http://127.0.0.1:PORT and reach it from elsewhere through `ssh -L PORT:127.0.0.1:PORT`.");
    }
}
