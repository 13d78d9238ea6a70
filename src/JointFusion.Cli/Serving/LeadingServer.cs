using JointFusion.Dashboard;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>Coordinator, API and live page of one root of experiments, in one process, while it leads.</summary>
/// <param name="term">See <see cref="CoordinatorOptions.Term"/>.</param>
internal sealed class LeadingServer(CliContext context, ServerOptions options, long? term)
{
    /// <summary>Events. Fewer are replayed in a moment.</summary>
    private const int WorthCompacting = 10_000;

    /// <param name="freePort">Called when all is ready but the API, whose port may be taken until then.</param>
    /// <exception cref="BadInputException">Root, journal or port cannot be used.</exception>
    public async Task RunAsync(Func<Task> freePort, CancellationToken stop)
    {
        using var store = new ServedExperiments(options.Root, isShared: term is not null);
        await using var coordinator = await CoordinatorAsync(stop);
        await using var retrievers = new ServedRetrievers(store.FolderOf, new ServerRoot(options.Root).QueryLog, context.Cores);
        using var desk = new ExperimentDesk(store, coordinator.Client, Describe(coordinator.Place), retrievers, options.DataRoots, context.Data, context.Cores, options.Journal);
        await QueueAllAsync(desk);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var lines = ServerLines.WriteAsync(coordinator.Client, context.RawOut, ended.Token);
        var reports = new ReportWriter(store, coordinator.Client, context.RawOut).RunAsync(ended.Token);
        var keeping = Task.WhenAll(
            new StandingWriter(store, coordinator.Client, context.Error).RunAsync(ended.Token),
            new ServerGarbage(options.Root, options.Garbage, context.RawOut).RunAsync(ended.Token),
            TellWebhookAsync(coordinator.Client, ended.Token));
        await freePort();
        await using (var host = await HostAsync(coordinator.Client, store, desk, stop))
        {
            ServerAddress.Write(host.Url);
            if (term is null)
                await context.RawOut.WriteLineAsync($"Server: {host.Url.GetLeftPart(UriPartial.Authority)}");
            await context.RawOut.WriteLineAsync($"Live page: {host.Link}");
            await Task.WhenAny(lines, reports, keeping, Task.Delay(Timeout.Infinite, stop));
        }
        await ended.CancelAsync();
        await Task.WhenAll(lines, reports, keeping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!stop.IsCancellationRequested)
            await Task.WhenAll(lines, reports, keeping); // A defect: it ends the process with its trace.
    }

    private static async Task QueueAllAsync(ExperimentDesk desk)
    {
        try
        {
            await desk.QueueAllAsync();
        }
        catch (ApiException away)
        {
            throw new BadInputException(away.Problem.Detail);
        }
    }

    private async Task<CoordinatorHost> CoordinatorAsync(CancellationToken stop)
    {
        try
        {
            await CompactAsync(stop);
            return await CoordinatorHost.StartAsync(
                new CoordinatorOptions
                {
                    Journal = options.Journal,
                    Term = term,
                    SecretKey = new ServerRoot(options.Root).AttemptsKey,
                    Log = new ServerRoot(options.Root).CoordinatorLog,
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

    /// <summary>A database that refuses keeps no server from leading: it says so, and the journal stays long.</summary>
    private async Task CompactAsync(CancellationToken stop)
    {
        (options.Journal as SqliteJournal)?.Compact(WorthCompacting, shrink: false);
        if (options.Journal is not PostgresJournal shared || term is not { } mine)
            return;
        try
        {
            await shared.CompactAsync(WorthCompacting, mine, stop);
        }
        catch (InvalidOperationException refused)
        {
            await context.Error.WriteLineAsync(refused.Message);
        }
    }

    private async Task TellWebhookAsync(CoordinatorClient coordinator, CancellationToken cancel)
    {
        if (options.Webhook is not var (url, secret))
        {
            await Task.Delay(Timeout.Infinite, cancel);
            return;
        }
        using var webhook = new Webhook(url, secret, coordinator, context.Error.WriteLine, TimeProvider.System);
        await webhook.RunAsync(cancel);
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

    private static ClusterInfo Describe(CoordinatorPlace place) => new(JfVersion.Text, ClusterProtocol.Version, place.Seed, place.Incarnation, place.Term);
}
