using JointFusion.Orchestration;

namespace JointFusion.Benchmarks;

/// <summary>The coordinator's state with every slot taken and runs waiting, and nodes that do as they are told.</summary>
internal sealed class BusyCluster
{
    public const int Rung = 50;
    private const int Nodes = 64, SlotsPerNode = 8;
    private const string Sweep = "sweep";
    private static readonly int[] Widths = [1, 2, 4, 8];
    private DateTimeOffset now = DateTimeOffset.UnixEpoch;
    private readonly bool isOneSweep;
    private int submitted;

    /// <param name="waiting">Runs that wait for slots.</param>
    /// <param name="isOneSweep">Whether all runs are of one sweep, with rungs.</param>
    public BusyCluster(int waiting, bool isOneSweep = false)
    {
        this.isOneSweep = isOneSweep;
        if (isOneSweep)
            Do(new SubmitSweep(new SweepOrder(Sweep, Reduction: 3)));
        foreach (var node in Names)
            Do(Report(node));
        while (State.Runs.Waiting.Count() < Math.Max(1, waiting))
            Do(Submission());
        if (waiting == 0)
            Do(new StopRuns([.. State.Runs.Waiting.Select(run => run.Name)]));
    }

    public static string Size => $"{Nodes} nodes x {SlotsPerNode} slots";

    public static IReadOnlyList<string> Names { get; } = [.. Enumerable.Range(0, Nodes).Select(node => $"node-{node:00}")];

    public ClusterState State { get; private set; } = ClusterState.Empty(new ClusterLimits());

    public void Do(ClusterCommand command)
    {
        now += TimeSpan.FromMilliseconds(1);
        State = State.Process(command, now).Aggregate(State, (state, change) => state.Apply(change));
    }

    /// <summary>Each fifth has a higher priority, five users have as many each.</summary>
    public SubmitRun Submission()
    {
        var number = submitted++;
        var order = new RunOrder($"run-{number}", $"/runs/run-{number}", Widths[number % Widths.Length], Priority: number % 5 == 0 ? 1 : 0, User: $"user-{number / 5 % 5}");
        return new(isOneSweep ? order with { Sweep = Sweep, Rungs = [Rung] } : order);
    }

    /// <summary>What the node says of the ranks it has by the coordinator's orders.</summary>
    /// <param name="ended">Has ended; null: none has.</param>
    /// <param name="outcome">As this; null: it has succeeded.</param>
    public NodeReport Report(string node, string? ended = null, ReplicaOutcome? outcome = null)
    {
        var works = State.Runs.Placed
            .SelectMany(run => run.LiveRanks.Where(rank => rank.State.Slot.Node == node).Select(rank => (rank.State.Slot.Slot, Work: Work(run, rank.Number, run.Name == ended ? outcome ?? new ReplicaOutcome.Succeeded() : null))))
            .ToDictionary(each => each.Slot, each => each.Work);
        return new NodeReport(node, [.. Enumerable.Range(0, SlotsPerNode).Select(slot => new SlotReport(slot, 100 + slot, true, 0, works.GetValueOrDefault(slot), null))]);
    }

    private static SlotWork Work(RunRecord run, int rank, ReplicaOutcome? outcome) =>
        new(run.Name, run.Generation, rank, ReplicaPhase.Training, "", "10.0.0.1:1", null, outcome);
}
