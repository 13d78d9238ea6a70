using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace JointFusion.Dashboard;

/// <summary>Answers nobody who has not shown a token: other users of this machine reach loopback too. What its holder may do is <see cref="ApiGate"/>'s to say.</summary>
/// <remarks>
///   GET /?token=T             -> cookie, on to      a browser, once: the address it keeps is the clean one
///                                the landing page
///   GET /?ticket=T            -> the same           a browser that another server of the cluster knows: see HandOver
///   cookie                    -> answered           that browser from then on, and its socket
///   Authorization: Bearer T   -> answered           scripts
///   a member's certificate    -> the cluster's      agents, where the server is served with TLS
///                                place alone
///   anything else             -> 401
/// </remarks>
internal sealed class TokenGuard(RequestDelegate next, DashboardOptions options, Callers callers, HandOver handOver, OpenRequests requests, RefusalNotes refusals)
{
    public const string Parameter = "token";
    private const string Scheme = "Bearer ";

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var port = context.Connection.LocalPort;
        if (request.Query.TryGetValue(Parameter, out var shown) || request.Query.TryGetValue(HandOver.Parameter, out shown))
        {
            var opener = HttpMethods.IsGet(request.Method) && request.Path == "/" && shown.Count == 1 ? Opener(request, shown[0]) : null;
            return opener is null ? RefuseAsync(context) : AdmitAsync(context, opener, port);
        }
        if (callers.ByCookie(request.Cookies[CookieName(port)], port) is { } looking)
            return AnswerAsync(context, looking);
        if (ByBearer(request.Headers.Authorization.ToString()) is { } asking)
            return AnswerAsync(context, asking);
        return MemberThatLooks(context) is { } member ? AnswerAsync(context, member) : RefuseAsync(context);
    }

    private ApiCaller? Opener(HttpRequest request, string? shown) => request.Query.ContainsKey(Parameter) ? callers.ByToken(shown) : handOver.CallerOf(shown);

    private static string CookieName(int port) => string.Create(CultureInfo.InvariantCulture, $"jointfusion-{port}");

    private ApiCaller? ByBearer(string header) => header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? callers.ByToken(header[Scheme.Length..]) : null;

    /// <summary>The handshake has turned away certificates of any other authority.</summary>
    private static ApiCaller? MemberThatLooks(HttpContext context) =>
        context.Connection.ClientCertificate is { } shown && HttpMethods.IsGet(context.Request.Method) && context.Request.Path == ServerApi.ClusterPath
            ? new ApiCaller(shown.Subject, ApiRole.Viewer)
            : null;

    private Task AnswerAsync(HttpContext context, ApiCaller caller)
    {
        context.Features.Set(caller);
        context.User = CallerClaims.Of(caller, context);
        return requests.AnswerAsync(context, caller, next);
    }

    private Task AdmitAsync(HttpContext context, ApiCaller opener, int port)
    {
        context.Response.Cookies.Append(
            CookieName(port), callers.CookieOf(opener, port), new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/", IsEssential = true });
        context.Response.Redirect($"/{options.Landing}");
        return Task.CompletedTask;
    }

    private Task RefuseAsync(HttpContext context)
    {
        refusals.Note(context);
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = Scheme.TrimEnd();
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(
            $"Refused: the live page asks for its token, which is in the link that `{options.Command}` printed after \"Live page:\"; open that link.\n", context.RequestAborted);
    }
}
