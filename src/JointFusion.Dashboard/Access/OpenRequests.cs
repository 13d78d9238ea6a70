using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace JointFusion.Dashboard;

/// <summary>Requests under way by their callers: pages and followed logs stay open for days, and are cut within a second once their token is revoked or expires.</summary>
internal sealed class OpenRequests(Callers callers, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<HttpContext, ApiCaller> open = new();

    /// <summary>Answers it, and keeps it in sight meanwhile.</summary>
    public async Task AnswerAsync(HttpContext context, ApiCaller caller, RequestDelegate next)
    {
        if (caller.Token is not null)
            open[context] = caller;
        try
        {
            await next(context);
        }
        finally
        {
            open.TryRemove(context, out _);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var (context, _) in open.Where(request => !callers.IsStillValid(request.Value)))
                context.Abort();
        }
    }
}
