using System.Reflection;
using JointFusion.Dashboard;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>Coordinator, API and live page of one root of experiments, in one process.</summary>
/// <remarks>Ends when asked to, and ends no run: agents and workers go on until another server over the same root takes them up.</remarks>
internal sealed class ExperimentServer(CliContext context, ServerOptions options)
{
    /// <exception cref="BadInputException">Root, journal or port cannot be used.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var store = new ServedExperiments(options.Root);
        await using var coordinator = await CoordinatorAsync(stop);
        using var desk = new ExperimentDesk(store, coordinator.Client, Describe(coordinator.Place), options.DataRoots, context.Data, context.Cores);
        await desk.QueueAllAsync();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var lines = ServerLines.WriteAsync(coordinator.Client, context.RawOut, ended.Token);
        var reports = new ReportWriter(store, coordinator.Client, context.RawOut).RunAsync(ended.Token);
        await using (var host = await HostAsync(coordinator.Client, store, desk, stop))
        {
            ServerAddress.Write(host.Url);
            await context.RawOut.WriteLineAsync($"Experiments: {options.Root}");
            await context.RawOut.WriteLineAsync($"Server: {host.Url.GetLeftPart(UriPartial.Authority)}");
            await context.RawOut.WriteLineAsync($"Live page: {host.Link}");
            await Task.WhenAny(lines, reports, Task.Delay(Timeout.Infinite, stop));
        }
        await ended.CancelAsync();
        await Task.WhenAll(lines, reports).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!stop.IsCancellationRequested)
            await Task.WhenAll(lines, reports); // A defect: it ends the process with its trace.
    }

    private async Task<CoordinatorHost> CoordinatorAsync(CancellationToken stop)
    {
        try
        {
            return await CoordinatorHost.StartAsync(
                new CoordinatorOptions
                {
                    Journal = Path.Combine(options.Root, "journal.db"),
                    SecretKey = Path.Combine(options.Root, "attempts.key"),
                    Log = Path.Combine(options.Root, "logs", "coordinator.log"),
                    Identity = options.Identity,
                    Address = options.ClusterAddress,
                    Port = options.ClusterPort,
                },
                stop);
        }
        catch (Exception unusable) when (unusable is InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(unusable.Message);
        }
    }

    private async Task<DashboardHost> HostAsync(CoordinatorClient coordinator, ServedExperiments store, ExperimentDesk desk, CancellationToken stop)
    {
        var source = new LiveSource(Path.GetFileName(options.Root), IsOneExperiment: false, store.RunFolderOf);
        try
        {
            return await DashboardHost.StartAsync(options.Page, new ServerFeed(coordinator), source, desk, TimeProvider.System, stop);
        }
        catch (IOException taken)
        {
            throw new BadInputException($"--listen {options.Page.Secure?.Url ?? options.Page.Url}: {taken.Message} Give another port.");
        }
    }

    private static ClusterInfo Describe(CoordinatorPlace place) =>
        new(typeof(ExperimentServer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion, ClusterProtocol.Version, place.Seed, place.Incarnation);
}
