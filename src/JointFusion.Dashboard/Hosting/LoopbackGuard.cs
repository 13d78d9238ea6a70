using System.Net;
using Microsoft.AspNetCore.Http;

namespace JointFusion.Dashboard;

/// <summary>
/// Lets in only what was meant for this address. Loopback alone is no wall: a web page anywhere can point its own name at 127.0.0.1
/// (DNS rebinding, seen in Host), or call this server from a user's browser (seen in Origin).
/// </summary>
internal sealed class LoopbackGuard(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var port = context.Connection.LocalPort;
        if (!IsOwnHost(context.Request.Host, port))
            return RefuseAsync(context, "Host", $"http://127.0.0.1:{port}/");
        var origin = context.Request.Headers.Origin;
        if (origin.Count > 0 && !(origin.Count == 1 && IsOwnOrigin(origin[0], port)))
            return RefuseAsync(context, "Origin", $"http://127.0.0.1:{port}/");
        SecurityHeaders.Add(context.Response.Headers);
        return next(context);
    }

    private static bool IsOwnHost(HostString host, int port) =>
        (host.Port ?? 80) == port && (host.Host == "localhost" || IPAddress.TryParse(host.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

    private static bool IsOwnOrigin(string? origin, int port) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback && uri.Port == port;

    private static Task RefuseAsync(HttpContext context, string header, string address)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsync($"Refused: the request's {header} is not this server's. Open {address} on this machine.\n", context.RequestAborted);
    }
}
