using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace JointFusion.Dashboard;

/// <summary>Turns requests away once the host is stopping: a page that lost its link would otherwise join a server that is about to go.</summary>
internal sealed class ClosingGuard(RequestDelegate next, IHostApplicationLifetime lifetime)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (!lifetime.ApplicationStopping.IsCancellationRequested)
            return next(context);
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.Connection = "close";
        return Task.CompletedTask;
    }
}
