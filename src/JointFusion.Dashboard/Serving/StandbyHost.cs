using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace JointFusion.Dashboard;

/// <summary>What a server serves while another one leads: the way there, to those whom that one would let in too.</summary>
/// <remarks>
/// Any request is answered by 307 to the same path of the leader, or by 503 while nobody leads; <c>/healthz</c> by 200. A browser that opens the
/// live page, known by its cookie here, is known there too: see <see cref="HandOver"/>.
/// </remarks>
public sealed class StandbyHost : IAsyncDisposable
{
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(1);

    private readonly WebApplication app;
    private bool isDisposed;
    private volatile StandbyView now = new(null, "This server has just started.");

    private StandbyHost(DashboardOptions options)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            Guards.Listen(kestrel, options);
        });
        builder.Services.AddGuards(options, TimeProvider.System);
        builder.Services.Replace(ServiceDescriptor.Singleton<IHostLifetime, HostedByCaller>());
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTime);
        app = builder.Build();
        app.UseGuards(options);
        app.Run(AnswerAsync);
    }

    /// <summary>With the port that was taken.</summary>
    public Uri Url => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Serves once it returns.</summary>
    /// <exception cref="IOException">The port is taken; the message names it.</exception>
    public static async Task<StandbyHost> StartAsync(DashboardOptions options, CancellationToken cancel = default)
    {
        var host = new StandbyHost(options);
        try
        {
            await host.app.StartAsync(cancel);
            return host;
        }
        catch
        {
            await host.app.DisposeAsync();
            throw;
        }
    }

    /// <summary>What is answered from now on.</summary>
    public void Tell(StandbyView view) => now = view;

    /// <summary>A second time does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (isDisposed)
            return;
        isDisposed = true;
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == "/healthz")
        {
            await context.Response.WriteAsync("stands by", context.RequestAborted);
            return;
        }
        var current = now;
        var problem = current switch
        {
            { Leader: { } leader } => new ApiProblem("This server stands by", StatusCodes.Status307TemporaryRedirect, $"{leader.GetLeftPart(UriPartial.Authority)} leads: ask there.", []),
            var view => new ApiProblem("No server leads", StatusCodes.Status503ServiceUnavailable, $"{view.Words} Runs go on; repeat the request in a few seconds.", []),
        };
        if (current.Leader is { } to)
            context.Response.Headers.Location = PageAt(to, context) ?? (to.GetLeftPart(UriPartial.Authority) + context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent());
        context.Response.StatusCode = problem.Status;
        await context.Response.WriteAsJsonAsync(problem, ApiJson.Default.ApiProblem, ServerApi.ProblemType, context.RequestAborted);
    }

    /// <summary>For browsers alone: scripts show their token there again.</summary>
    private string? PageAt(Uri leader, HttpContext context) => HttpMethods.IsGet(context.Request.Method) && context.Request.Path == "/" && context.Request.Headers.Authorization.Count == 0
        ? app.Services.GetRequiredService<HandOver>().AddressAt(leader, context.Caller())
        : null;
}

/// <param name="Leader">Where the API of the server that leads is; null: none leads.</param>
/// <param name="Words">Why none does, a whole sentence.</param>
public sealed record StandbyView(Uri? Leader, string Words);
