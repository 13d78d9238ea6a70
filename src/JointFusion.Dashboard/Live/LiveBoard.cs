using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>Follows one cluster and keeps what the page shows of it.</summary>
/// <remarks>
/// events -> history, "look again" -> (at most ten times a second) snapshot -> <see cref="Current"/> -> <see cref="Changes"/> -> pages
/// </remarks>
internal sealed class LiveBoard(IClusterFeed feed, LiveSource source, TimeProvider clock)
{
    public const int MostPoints = 1000;
    private const int WideChart = 1200, WideChartHeight = 260;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan IdleInterval = TimeSpan.FromSeconds(2);
    private readonly Lock gate = new();
    private readonly Dictionary<string, RunHistory> histories = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (RunCurves Curves, int Watchers)> watched = new(StringComparer.Ordinal);
    private readonly RunNotes notes = new();
    private readonly NodeMemory nodes = new();
    private readonly Pulse news = new();
    private LiveCluster cluster = LiveCluster.Empty;
    private LiveCluster? settled;
    private string? farewell;
    private volatile LiveView current = new(
        source.Title, source.IsOneExperiment, [], [], clock.GetUtcNow(), null, Ended: false, null);

    public LiveView Current => current;

    /// <summary>Beats after each change of <see cref="Current"/>.</summary>
    public Pulse Changes { get; } = new();

    /// <summary>Pages that have yet to draw the end.</summary>
    public Audience Audience { get; } = new();

    /// <summary>Steps of a run after <paramref name="since"/>, at most <see cref="MostPoints"/>; null where no such run is known.</summary>
    public ImmutableArray<MetricPoint>? Metrics(string run, int since)
    {
        ReadPast(run, since);
        lock (gate)
            return histories.TryGetValue(run, out var history) ? history.Since(since, MostPoints) : null;
    }

    /// <summary>Runs as they are told, with the steps that this board has of them.</summary>
    public ImmutableArray<RunStatus> Status(IEnumerable<LiveRun> runs)
    {
        lock (gate)
            return [.. runs.Select(run => RunStatus.Of(run, History(run.Name)))];
    }

    /// <summary>The losses of runs beside each other, at most <see cref="MostPoints"/> each.</summary>
    public Plot Losses(ImmutableArray<string> runs)
    {
        lock (gate)
            foreach (var run in runs)
                History(run);
        foreach (var run in runs)
            ReadPast(run, 0);
        lock (gate)
        {
            var shown = runs.Select(History).ToList();
            var plans = shown.Select(history => history.Plan).OfType<RunPlan>().ToList();
            return new Plot(
                "Loss", "nats, by step",
                [.. shown.Select(history => history.Losses(MostPoints))],
                [.. (plans.FirstOrDefault()?.Stages ?? []).Select(stage => new StageMark(stage.Spec.Name, stage.FirstStep))],
                plans.Select(plan => plan.TotalSteps).DefaultIfEmpty(0).Max(),
                WideChart, WideChartHeight);
        }
    }

    /// <summary>All figures of a run, from now on and until the last who watches it leaves. What was before has to be read: see <see cref="RunCurves.ReadPast"/>.</summary>
    public RunWatch Watch(string run)
    {
        lock (gate)
        {
            var (curves, watchers) = watched.GetValueOrDefault(run, (new RunCurves(), 0));
            watched[run] = (curves, watchers + 1);
            return new RunWatch(curves, () => Leave(run));
        }
    }

    /// <summary>The files of a run.</summary>
    public RunFolder Folder(string run) => source.Folder(run);

    /// <summary>What happened to a run since this process began, the newest first.</summary>
    public ImmutableArray<RunNote> Notes(string run)
    {
        lock (gate)
            return notes.Of(run);
    }

    /// <summary>Shows this from now on, whatever the feed still says: it may end before its last change was looked at.</summary>
    public void Settle(LiveCluster last)
    {
        lock (gate)
            settled = last;
        Publish(current.Fault, current.Ended);
    }

    /// <summary>The last that pages are told.</summary>
    public void End(string words)
    {
        lock (gate)
            farewell = words;
        Publish(current.Fault, ended: true);
    }

    /// <summary>Runs until the feed ends or <paramref name="cancel"/>. A feed that breaks is shown, not thrown: training goes on without a page.</summary>
    public async Task FollowAsync(CancellationToken cancel)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        // Reading first: nothing may change unheard between the first snapshot and the subscription.
        var reading = ReadAsync(ended.Token);
        var refreshing = RefreshAsync(ended.Token);
        var first = await Task.WhenAny(reading, refreshing);
        await ended.CancelAsync();
        await Task.WhenAll(reading, refreshing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (cancel.IsCancellationRequested)
            return;
        try
        {
            await first;
            Publish(fault: null, ended: true);
        }
        catch (Exception e) when (e is InvalidOperationException or InvalidDataException or IOException or TimeoutException)
        {
            Publish(e.Message, ended: true);
        }
    }

    private async Task ReadAsync(CancellationToken cancel)
    {
        await foreach (var change in feed.EventsAsync(cancel))
        {
            if (change is LiveEvent.StepTaken step)
                Record(step.Metrics);
            news.Beat();
        }
    }

    private async Task RefreshAsync(CancellationToken cancel)
    {
        using var beats = news.Subscribe();
        while (true)
        {
            cluster = await feed.SnapshotAsync(cancel);
            Publish(fault: null, ended: false);
            await Task.Delay(Interval, clock, cancel);
            await NextAsync(beats, cancel);
        }
    }

    /// <summary>Returns when there is something new, and while somebody looks at least so often: what nodes say of their machines is no event.</summary>
    private async Task NextAsync(Pulse.Reader beats, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var next = beats.NextAsync(limit.Token);
        while (await Task.WhenAny(next, Task.Delay(IdleInterval, clock, cancel)) != next)
        {
            cancel.ThrowIfCancellationRequested();
            if (Changes.Readers == 0)
                continue;
            await limit.CancelAsync();
            await next.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }
        await next;
    }

    private void Record(StepMetrics step)
    {
        lock (gate)
        {
            History(step.Run).Add(step);
            if (watched.TryGetValue(step.Run, out var looked))
                looked.Curves.Add(step);
        }
    }

    private void Leave(string run)
    {
        lock (gate)
        {
            var (curves, watchers) = watched[run];
            if (watchers == 1)
                watched.Remove(run);
            else
                watched[run] = (curves, watchers - 1);
        }
    }

    private void Publish(string? fault, bool ended)
    {
        lock (gate)
        {
            var now = settled ?? cluster;
            ImmutableArray<RunStatus> runs = [.. now.Runs.Select(run => RunStatus.Of(run, History(run.Name)))];
            var shown = now.Runs.Select(run => History(run.Name)).ToList();
            foreach (var run in now.Runs)
                notes.Look(run, clock.GetUtcNow());
            var known = nodes.Look(now.Nodes, clock.GetUtcNow());
            current = new LiveView(Name(shown), source.IsOneExperiment, known, runs, clock.GetUtcNow(), fault, ended || farewell is not null, farewell);
        }

        Changes.Beat();
    }

    private string Name(List<RunHistory> shown) =>
        (source.IsOneExperiment ? shown.Select(history => history.Plan?.Experiment).FirstOrDefault(name => name is not null) : null) ?? source.Title;

    /// <summary>What a run did before this process began is read when somebody asks for it, and while others look at other things.</summary>
    private void ReadPast(string run, int since)
    {
        lock (gate)
            if (!histories.TryGetValue(run, out var known) || known.Has(since))
                return;
        try
        {
            var whole = new RunHistory(run, null, MetricPoints.Read(source.Folder(run).Metrics));
            lock (gate)
                histories[run] = histories[run].After(whole);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // The latest steps are shown; why there are no others is said on the run's own page, which reads the file too.
        }
    }

    /// <summary>A run seen for the first time brings the latest steps it took before this process began.</summary>
    private RunHistory History(string run)
    {
        if (histories.TryGetValue(run, out var known))
            return known;
        var files = source.Folder(run);
        if (!File.Exists(files.Plan))
            return new RunHistory(run, null, []);
        return histories[run] = new RunHistory(run, ExperimentReader.ReadPlan(files), MetricPoints.ReadEnd(files.Metrics, out var isAll), isAll);
    }
}
