using Microsoft.AspNetCore.Http;

namespace JointFusion.Dashboard;

/// <summary>Where the server is served with TLS, its certificate proves the name in Host; what is left to refuse are calls from other sites' pages.</summary>
internal sealed class OriginGuard(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var origin = context.Request.Headers.Origin;
        if (origin.Count > 0 && !(origin.Count == 1 && origin[0] == $"https://{context.Request.Host}"))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return context.Response.WriteAsync("Refused: the request comes from another site's page.\n", context.RequestAborted);
        }
        SecurityHeaders.Add(context.Response.Headers);
        return next(context);
    }
}
