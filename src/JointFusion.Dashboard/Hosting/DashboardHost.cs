using JointFusion.Experiments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace JointFusion.Dashboard;

/// <summary>The live page and its API, on loopback, in the coordinator's process. Reads nothing from the environment and writes no file.</summary>
public sealed class DashboardHost : IAsyncDisposable
{
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(2);

    /// <summary>A tab that sleeps draws nothing; nobody waits for it.</summary>
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(2);

    private readonly WebApplication app;
    private readonly AccessToken token;

    private DashboardHost(WebApplication app, AccessToken token) => (this.app, this.token) = (app, token);

    /// <summary>With the port that was taken.</summary>
    public Uri Url => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>For the user's browser: <see cref="Url"/> with the token.</summary>
    public Uri Link => new(Url, $"?{TokenGuard.Parameter}={token.Text}");

    /// <summary>Serves once it returns.</summary>
    /// <param name="folder">Plans and earlier steps of the runs come from here.</param>
    /// <exception cref="IOException">The port is taken; the message names it.</exception>
    public static Task<DashboardHost> StartAsync(
        DashboardOptions options, IClusterFeed feed, ExperimentFolder folder, TimeProvider clock, CancellationToken cancel = default) =>
        StartAsync(
            options, new LiveBoard(feed, LiveSource.Of(folder), clock), clock, services => services.AddServerPages(ExperimentShelf.Of(folder)), MapOne, cancel);

    /// <summary>The pages of an experiment whose retrievers answer. Serves once it returns.</summary>
    /// <param name="folder">Of the experiment.</param>
    /// <exception cref="IOException">The port is taken; the message names it.</exception>
    public static Task<DashboardHost> StartAsync(
        DashboardOptions options, IClusterFeed feed, ExperimentFolder folder, IRetrievers retrievers, TimeProvider clock, CancellationToken cancel = default) =>
        StartAsync(
            options, new LiveBoard(feed, LiveSource.Of(folder), clock), clock, services => services.AddSingleton(retrievers).AddServerPages(ExperimentShelf.Of(folder)), MapPlayed, cancel);

    /// <summary>The page over all experiments of a server, and the API that takes them. Serves once it returns.</summary>
    /// <exception cref="IOException">The port is taken; the message names it.</exception>
    public static Task<DashboardHost> StartAsync(
        DashboardOptions options, IClusterFeed feed, LiveSource source, IExperimentDesk desk, TimeProvider clock, CancellationToken cancel = default) =>
        StartAsync(
            options, new LiveBoard(feed, source, clock), clock,
            services => services.AddSingleton(desk).AddSingleton(desk.Retrievers).AddSingleton<ApiReader>().AddSingleton<MetricShelf>().AddServerMetrics().AddApiDocument().AddServerPages(ExperimentShelf.Of(desk)), MapServer, cancel);

    private static void MapOne(IEndpointRouteBuilder routes)
    {
        routes.MapLiveApi();
        routes.MapServerPages();
    }

    private static void MapPlayed(IEndpointRouteBuilder routes)
    {
        MapOne(routes);
        routes.MapPlayground();
    }

    private static void MapServer(IEndpointRouteBuilder routes)
    {
        routes.MapServerApi();
        routes.MapPlayground();
        routes.MapServerPages();
    }

    private static async Task<DashboardHost> StartAsync(
        DashboardOptions options, LiveBoard board, TimeProvider clock, Action<IServiceCollection> add, Action<IEndpointRouteBuilder> map, CancellationToken cancel)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            Guards.Listen(kestrel, options);
        });
        AddServices(builder.Services, options, board, clock);
        add(builder.Services);
        var host = new DashboardHost(Map(builder.Build(), options, map), options.Token);
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

    /// <summary>Shows this from now on: no run will change any more.</summary>
    public void Settle(LiveCluster last) => Board.Settle(last);

    /// <summary>Tells every open page that the experiment has ended and what to do next; returns once they have drawn it, so that the host may go.</summary>
    /// <param name="words">Whole sentences.</param>
    public Task EndAsync(string words)
    {
        Board.End(words);
        return Task.WhenAny(Board.Audience.WhenEmpty(), Task.Delay(FarewellTime));
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    /// <summary>Whatever it answers.</summary>
    internal IReadOnlyList<Endpoint> Endpoints => app.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    private LiveBoard Board => app.Services.GetRequiredService<LiveBoard>();

    private static void AddServices(IServiceCollection services, DashboardOptions options, LiveBoard board, TimeProvider clock)
    {
        services.AddGuards(options, clock);
        services.AddSingleton(board).AddSingleton(all => new ServerDesk(all.GetService<IExperimentDesk>(), all.GetService<IRetrievers>())).AddRoutingCore().AddHostedService<BoardService>();
        services.AddScoped<Visitor>().AddRazorComponents().AddInteractiveServerComponents();
        services.Replace(ServiceDescriptor.Singleton<IHostLifetime, HostedByCaller>());
        // Open pages end with the process: keys for them need no file in the user's home.
        services.AddSingleton<IDataProtectionProvider, EphemeralDataProtectionProvider>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTime);
    }

    private static WebApplication Map(WebApplication app, DashboardOptions options, Action<IEndpointRouteBuilder> mapApi)
    {
        app.UseGuards(options);
        app.UseStatusCodePagesWithReExecute("/missing", createScopeForStatusCodePages: true);
        app.UseRouting();
        app.UseAntiforgery();
        mapApi(app);
        MapAsset(app, "/_framework/blazor.web.js", "text/javascript");
        foreach (var script in (string[])["theme.js", "live.js", "charts.js"])
            MapAsset(app, $"/{script}", "text/javascript");
        foreach (var sheet in (string[])["base.css", "app.css"])
            MapAsset(app, $"/{sheet}", "text/css");
        MapAsset(app, "/mark.svg", "image/svg+xml");
        app.MapRazorComponents<LiveDocument>().AddInteractiveServerRenderMode(o => o.ContentSecurityFrameAncestorsPolicy = null);
        return app;
    }

    private static void MapAsset(WebApplication app, string path, string mediaType) =>
        app.MapGet(path, () => Results.Stream(EmbeddedAssets.Open(Path.GetFileName(path)), mediaType));
}
