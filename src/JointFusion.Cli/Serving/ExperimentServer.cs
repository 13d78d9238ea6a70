using JointFusion.Dashboard;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary><c>jf serve</c>: leads alone where its journal is a file; where it is a database, stands by until it leads, and again when it does no more.</summary>
/// <remarks>Ends when asked to, and ends no run: agents and workers go on until another server over the same root takes them up.</remarks>
internal sealed class ExperimentServer(CliContext context, ServerOptions options)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(0.5);

    /// <summary>Left to others after this server could not lead, before it tries again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <exception cref="BadInputException">Root, journal or port cannot be used.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        RootJournal.Claim(options.Root, options.Journal);
        await context.RawOut.WriteLineAsync($"Experiments: {options.Root}");
        if (options.Journal is not PostgresJournal shared)
        {
            await new LeadingServer(context, options, term: null).RunAsync(() => Task.CompletedTask, stop);
            return;
        }
        try
        {
            await context.RawOut.WriteLineAsync($"Journal: {shared}");
            await using var lease = await OpenAsync(shared, stop);
            await TakeTurnsAsync(lease, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to end.
        }
    }

    private async Task<LeaderLease> OpenAsync(PostgresJournal journal, CancellationToken stop)
    {
        try
        {
            return await LeaderLease.OpenAsync(journal, options.Root, stop);
        }
        catch (InvalidOperationException unusable)
        {
            throw new BadInputException(unusable.Message);
        }
    }

    private async Task TakeTurnsAsync(LeaderLease lease, CancellationToken stop)
    {
        var page = options.Page with { ClusterKey = ClusterKey() };
        while (!stop.IsCancellationRequested)
        {
            await using var standby = await StandbyAsync(page, stop);
            page = AtPortOf(page, standby.Url);
            var own = page.Secure?.Url ?? page.Url; // By the name that its certificate has.
            ServerAddress.Write(own);
            await context.RawOut.WriteLineAsync($"Server: {own.GetLeftPart(UriPartial.Authority)}");
            await using var turn = await TurnAsync(lease, own, standby, stop);
            await LeadAsync(turn, page, standby, stop);
        }
    }

    /// <summary>By which a browser that is known here is known to whichever server leads.</summary>
    private byte[] ClusterKey()
    {
        try
        {
            return AttemptSecrets.KeptIn(new ServerRoot(options.Root).AttemptsKey).KeyFor("browsers");
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(unusable.Message);
        }
    }

    private static async Task<StandbyHost> StandbyAsync(DashboardOptions page, CancellationToken stop)
    {
        try
        {
            return await StandbyHost.StartAsync(page, stop);
        }
        catch (IOException taken)
        {
            throw new BadInputException($"--listen {page.Secure?.Url ?? page.Url}: {taken.Message} Give another port.");
        }
    }

    /// <summary>Returns when this server leads.</summary>
    private async Task<Leadership> TurnAsync(LeaderLease lease, Uri own, StandbyHost standby, CancellationToken stop)
    {
        var told = "";
        while (true)
        {
            StandbyView view;
            try
            {
                if (await lease.TryTakeAsync(own, TimeProvider.System, stop) is { } turn)
                    return turn;
                view = await lease.LookAsync(stop) is { } leader ? new StandbyView(leader, "") : new StandbyView(null, "The server that led is gone, and another is about to lead.");
            }
            catch (DatabaseAwayException away)
            {
                view = new StandbyView(null, $"The journal's database does not answer: {away.Message}");
            }
            standby.Tell(view);
            var words = view.Leader is { } other ? $"Stands by: {other.GetLeftPart(UriPartial.Authority)} leads." : $"Stands by. {view.Words}";
            if (words != told)
                await context.RawOut.WriteLineAsync(words);
            told = words;
            await Task.Delay(LookInterval, stop);
        }
    }

    private async Task LeadAsync(Leadership turn, DashboardOptions page, StandbyHost standby, CancellationToken stop)
    {
        standby.Tell(new StandbyView(null, "This server is about to lead."));
        await context.RawOut.WriteLineAsync($"Leads (term {turn.Term}).");
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop, turn.Lost);
        try
        {
            await new LeadingServer(context, options with { Page = page }, turn.Term).RunAsync(async () => await standby.DisposeAsync(), ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // Before it had begun to lead.
        }
        catch (BadInputException cannot)
        {
            await context.Error.WriteLineAsync($"This server cannot lead: {cannot.Message}");
            standby.Tell(new StandbyView(null, $"This server cannot lead: {cannot.Message}"));
            await turn.DisposeAsync();
            await Task.Delay(Pause, stop);
        }
        if (turn.Lost.IsCancellationRequested && !stop.IsCancellationRequested)
            await context.RawOut.WriteLineAsync("Leads no more.");
    }

    /// <summary>A port that was free at first is kept from then on.</summary>
    private static DashboardOptions AtPortOf(DashboardOptions page, Uri url) => page.Secure is { } secure
        ? page with { Secure = secure with { Url = new UriBuilder(secure.Url) { Port = url.Port }.Uri } }
        : page with { Url = new UriBuilder(page.Url) { Port = url.Port }.Uri };
}
