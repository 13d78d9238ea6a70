using JointFusion.Experiments;
using JointFusion.Orchestration;

namespace JointFusion.Tests;

/// <summary>The product's state machine and agents under virtual time, over links that lose and delay, with faults drawn from a seed.</summary>
/// <remarks>
/// <code>
/// users, SimulatedNode --link--> Take: ClusterState.Process -> journal -> Apply -> Watchdog.Check --link--> orders to the nodes concerned
/// SimulatedFaults: crashes, cut links, restarts of agents and of the coordinator (from its journal), stops by users
/// </code>
/// </remarks>
internal sealed class SimulatedCluster
{
    private const double DetectionSeconds = 10;

    /// <summary>Shorter than the default, so that a life of a quarter of an hour sees the end of each.</summary>
    private static readonly ClusterLimits Limits = new() { FairWait = TimeSpan.FromMinutes(2), QuarantineTime = TimeSpan.FromMinutes(4) };
    private readonly SimulationPlan plan;
    private readonly Random random;
    private readonly AttemptSecrets secrets = new();
    private readonly Watchdog watchdog;
    private readonly Dictionary<(string Run, int Generation), Gang> gangs = [];
    private readonly Dictionary<string, SimulatedRun> runs;
    private readonly Dictionary<(string Node, bool ToNode), DateTimeOffset> links = [];
    private readonly HashSet<string> hired = [];
    private readonly HashSet<string> abandoned = [];
    private DateTimeOffset? awaited;
    private readonly DecisionTimes decisions = new();
    private ClusterState state = ClusterState.Empty(Limits);
    private bool isCoordinatorUp = true;
    private int incarnations;

    public SimulatedCluster(SimulationPlan plan)
    {
        this.plan = plan;
        random = new Random(plan.Seed);
        runs = Enumerable.Range(0, plan.Runs).Select(NewRun).ToDictionary(run => run.Name);
        watchdog = new Watchdog(runs, Limits, Time);
        Nodes = [.. Enumerable.Range(0, plan.Nodes).Select(node => new SimulatedNode(this, $"node-{node:00}", plan.SlotsPerNode, node % 4 == 0))];
    }

    public VirtualTime Time { get; } = new();

    public IReadOnlyList<SimulatedNode> Nodes { get; }

    /// <summary>Every run has come to its end.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Lives it to its end and judges it.</summary>
    /// <exception cref="SimulationException">Something was lost, done twice, overtaken or kept.</exception>
    public SimulationOutcome Live()
    {
        foreach (var run in runs.Values)
            Time.After(Between(0, 300), () => Submit(run));
        var faults = new SimulatedFaults(this, plan);
        faults.Begin();
        while (Time.Step())
        {
            IsOver |= state.Runs.Count == plan.Runs && !state.Runs.HasWaiting && !state.Runs.HasPlaced && state.Runs.All(IsForGood);
            if (Time.Elapsed > TimeSpan.FromHours(6))
                throw new SimulationException($"after {Time.Elapsed.TotalHours:0} h these have not ended: " +
                    string.Join(", ", state.Runs.Where(run => !IsForGood(run)).Take(10).Select(run => $"{run.Name} {run.State} {run.Failure}")));
        }
        watchdog.JudgeTheEnd(state, Nodes, ClusterState.Empty(Limits), abandoned);
        return new SimulationOutcome(
            Time.Elapsed, watchdog.Attempts, runs.Values.Sum(AttemptsOf), watchdog.Yields, watchdog.Quarantines, faults.Count, watchdog.Fingerprint, decisions)
        {
            Pruned = watchdog.Pruned,
            Adoptions = watchdog.Adoptions,
            Grown = watchdog.Grown,
            Shrunk = watchdog.Shrunk,
            Kept = watchdog.Kept,
        };
    }

    public double Between(double least, double most) => least + ((most - least) * random.NextDouble());

    public bool Chance(double share) => random.NextDouble() < share;

    public int Below(int count) => random.Next(count);

    public Gang? GangOf(string run, int generation) => gangs.GetValueOrDefault((run, generation));

    public void Join(RankAssignment assignment, GangMember member, ReplicaOrder order)
    {
        var key = (assignment.Run, assignment.Generation);
        if (!gangs.TryGetValue(key, out var gang))
            gangs.Add(key, gang = new Gang(this, runs[assignment.Run], assignment.WorldSize, assignment.Generation, watchdog.ResumeStepOf(key), order.Rung, order.Start));
        gang.Join(assignment.Rank, member);
    }

    public void StepDone(SimulatedNode node, string run, int generation, int step) =>
        ToCoordinator(node, new StepReport(Samples.Metrics(run, generation, step)));

    public void ToCoordinator(SimulatedNode node, ClusterCommand message) => Send(node, toNode: false, () =>
    {
        if (message is NodeReport && isCoordinatorUp)
            hired.Add(node.Name);
        Take(message);
    });

    /// <summary>Repeated where it got lost, as a client does: twice, now and then. Once all runs have ended, users have gone home.</summary>
    public void Command(ClusterCommand command)
    {
        if (IsOver)
            return;
        if (!isCoordinatorUp)
            Time.After(Between(1, 3), () => Command(command));
        else
            Take(command);
        if (Chance(0.1))
        {
            Time.After(Between(0, 2), () =>
            {
                if (!IsOver)
                    Take(command);
            });
        }
    }

    public IEnumerable<RunRecord> Underway => state.Runs.Placed;

    /// <summary>Those that have not ended.</summary>
    public IEnumerable<RunRecord> Open => state.Runs.Waiting.Concat(state.Runs.Placed);

    /// <summary>Its user has cancelled it and will not want it back.</summary>
    public void Abandon(string run) => abandoned.Add(run);

    public bool IsAbandoned(string run) => abandoned.Contains(run);

    public void WatchOut(SimulatedNode node) => Time.After(DetectionSeconds, () =>
    {
        if ((node.IsCutOff || !node.IsUp) && hired.Remove(node.Name))
            Take(new LoseNode(node.Name));
    });

    /// <summary>It dies, and comes back with its journal alone. While it is away it cannot die again, and come back without having been away.</summary>
    public void RestartCoordinator(double secondsAway)
    {
        if (!isCoordinatorUp)
            return;
        isCoordinatorUp = false;
        Time.After(secondsAway, () =>
        {
            isCoordinatorUp = true;
            awaited = null;
            hired.Clear();
            var incarnation = ++incarnations;
            state = watchdog.Journal.Aggregate(ClusterState.Empty(Limits), (cluster, change) => cluster.Apply(change));
            Take(new AdoptAttempts());
            Time.After(Limits.AdoptionTime.TotalSeconds, () =>
            {
                if (incarnation == incarnations)
                    Take(new LoseUnheardNodes());
            });
        });
    }

    private static int AttemptsOf(SimulatedRun run) => run.Fate == RunFate.AlwaysCrashes ? Limits.FruitlessAttempts : 1;

    private bool IsForGood(RunRecord run) => run.State switch
    {
        RunState.Succeeded or RunState.Pruned => true,
        RunState.Failed => runs[run.Name].Fate != RunFate.Sound || IsAbandoned(run.Name),
        RunState.Cancelled => IsAbandoned(run.Name),
        _ => false,
    };

    private void Submit(SimulatedRun run)
    {
        if (run.Sweep is not null)
            Command(new SubmitSweep(new SweepOrder(run.Sweep, SimulatedRun.Reduction)));
        Command(new SubmitRun(run.Order));
    }

    private SimulatedRun NewRun(int number)
    {
        var fate = Below(200) switch { 0 or 1 => RunFate.BadInput, 2 => RunFate.AlwaysCrashes, _ => RunFate.Sound };
        var steps = 10 + Below(50);
        var priority = Below(20) switch { 0 => 2, 1 or 2 or 3 => 1, _ => 0 };
        var user = Below(10) switch { < 6 => "ann", < 9 => "bob", _ => "cy" };
        var sweep = Chance(plan.InSweeps) ? $"sweep-{number / 60}" : null;
        var (workers, every, wantsLabel) = (1 << Below(4), 5 + Below(10), Chance(0.1));
        int? fewest = workers > 1 && plan.Elastic > 0 && Chance(plan.Elastic) ? 1 + Below(workers - 1) : null;
        return new SimulatedRun($"run-{number:0000}", workers, steps, every, fate, priority, user, wantsLabel, sweep, fewest);
    }

    private void Take(ClusterCommand command)
    {
        if (!isCoordinatorUp)
            return;
        var before = state;
        var events = decisions.Timed(command, () => state.Process(command, Time.Now));
        state = events.Aggregate(state, (cluster, change) => cluster.Apply(change));
        if (plan.LosesARelease && events.OfType<RunSucceeded>().FirstOrDefault() is { } first && watchdog.Successes == 0)
            state = state with { Runs = state.Runs.With(state.Find(first.Run)! with { Attempt = before.Find(first.Run)!.Attempt }) };
        watchdog.Check(before, state, events);
        foreach (var outOfLuck in events.OfType<RunFailed>().Where(failed => runs[failed.Run].Fate == RunFate.Sound && !IsAbandoned(failed.Run)))
            Time.After(Between(20, 40), () => Command(new ResumeRuns([outOfLuck.Run]))); // its user has it tried again
        AwaitNextMoment();
        if (command is not StepReport)
            SendOrders([.. NodePlanner.NodesConcerned(before, state, events), .. command is NodeReport report ? [report.Node] : Array.Empty<string>()]);
    }

    /// <summary>One timer, as the coordinator has it.</summary>
    private void AwaitNextMoment()
    {
        if (state.NextMoment(Time.Now) is not { } at || awaited <= at)
            return;
        awaited = at;
        Time.At(at, () =>
        {
            awaited = null;
            if (isCoordinatorUp)
                Take(new Reconsider());
        });
    }

    private void SendOrders(HashSet<string> concerned)
    {
        if (concerned.Count == 0)
            return;
        foreach (var node in Nodes.Where(node => concerned.Contains(node.Name) && hired.Contains(node.Name)))
        {
            var orders = NodePlanner.OrdersFor(state, node.Name, secrets);
            Send(node, toNode: true, () => node.Take(orders));
        }
    }

    /// <summary>In order, as between two actors; what is lost leaves no gap.</summary>
    private void Send(SimulatedNode node, bool toNode, Action deliver)
    {
        if (node.IsCutOff || Chance(plan.LostMessages))
            return;
        var key = (node.Name, toNode);
        var arrival = Time.Now + TimeSpan.FromSeconds(Between(0.001, 0.05));
        if (links.TryGetValue(key, out var last) && last > arrival)
            arrival = last;
        links[key] = arrival;
        Time.At(arrival, () =>
        {
            if (!node.IsCutOff)
                deliver();
        });
    }
}
