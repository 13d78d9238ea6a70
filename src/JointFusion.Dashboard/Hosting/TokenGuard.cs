using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace JointFusion.Dashboard;

/// <summary>Answers nobody who has not shown the token: other users of this machine reach loopback too.</summary>
/// <remarks>
///   GET /?token=T             -> cookie, on to /    a browser, once: the address it keeps is the clean one
///   cookie                    -> answered           that browser from then on, and its socket
///   Authorization: Bearer T   -> answered           scripts
///   a member's certificate    -> the cluster's      agents, where the server is served with TLS
///                                place alone
///   anything else             -> 401
/// </remarks>
internal sealed class TokenGuard(RequestDelegate next, DashboardOptions options)
{
    public const string Parameter = "token";
    private const string Scheme = "Bearer ";
    private readonly AccessToken token = options.Token;

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var port = context.Connection.LocalPort;
        if (request.Query.TryGetValue(Parameter, out var shown))
            return HttpMethods.IsGet(request.Method) && request.Path == "/" && shown.Count == 1 && token.Is(shown[0]) ? AdmitAsync(context, port) : RefuseAsync(context);
        return token.IsCookie(request.Cookies[CookieName(port)], port) || IsBearer(request.Headers.Authorization.ToString()) || IsMemberThatLooks(context)
            ? next(context)
            : RefuseAsync(context);
    }

    private static string CookieName(int port) => string.Create(CultureInfo.InvariantCulture, $"jointfusion-{port}");

    private bool IsBearer(string header) => header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && token.Is(header[Scheme.Length..]);

    /// <summary>The handshake has turned away certificates of any other authority.</summary>
    private static bool IsMemberThatLooks(HttpContext context) =>
        context.Connection.ClientCertificate is not null && HttpMethods.IsGet(context.Request.Method) && context.Request.Path == ServerApi.ClusterPath;

    private Task AdmitAsync(HttpContext context, int port)
    {
        context.Response.Cookies.Append(
            CookieName(port), token.CookieAt(port), new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/", IsEssential = true });
        context.Response.Redirect("/");
        return Task.CompletedTask;
    }

    private Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = Scheme.TrimEnd();
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(
            $"Refused: the live page asks for its token, which is in the link that `{options.Command}` printed after \"Live page:\"; open that link.\n", context.RequestAborted);
    }
}
