using System.Collections.Immutable;
using JointFusion.Orchestration;

namespace JointFusion.Tests;

/// <summary>A cluster's state as the coordinator keeps it, with nodes that have what they were ordered.</summary>
public abstract class ScheduledCluster
{
    protected static readonly ClusterLimits Limits = new();
    protected readonly List<IJournalEvent> journal = [];
    protected DateTimeOffset now = Samples.Noon;
    protected ClusterState state = ClusterState.Empty(Limits);

    /// <summary>All slots but the last have work.</summary>
    protected void NodeWithOneFree(int slots)
    {
        Nodes(("a", slots));
        Submit(Order("others", slots - 1));
    }

    /// <summary>Each twice, so that it waits before it is tried again, and is given up meanwhile: a run counts once.</summary>
    protected void Crash(params string[] runs)
    {
        foreach (var run in runs)
        {
            Submit(Order(run, 1));
            for (var time = 0; time < 2 && state.Find(run)!.Attempt is not null; time++)
                End(run, new ReplicaOutcome.Failed(FailureKind.Crashed, "killed"));
            Do(new CancelRuns([run]));
        }
    }

    protected IEnumerable<string> Placed => state.Runs.Placed.OrderBy(run => run.Attempt!.StartedAt).Select(run => run.Name);

    protected IEnumerable<string> Yielding => state.Runs.Where(run => run.Stop == StopPurpose.Yield).Select(run => run.Name).Order();

    protected IEnumerable<RunRecord> Yielded => [state.Find("new")!, state.Find("newest")!];

    protected static RunOrder Order(string run, int workers, int priority = 0, string? user = null, string[]? labels = null) =>
        ClusterFixture.Order(run, workers) with { Priority = priority, User = user, Labels = labels is null ? null : Labels(labels) };

    protected static ImmutableSortedDictionary<string, string> Labels(string[] labels) =>
        labels.Select(label => label.Split('=')).ToImmutableSortedDictionary(label => label[0], label => label[1]);

    protected string[] NodesOf(string run) => [.. state.Find(run)!.Attempt!.Ranks.Select(rank => rank.Slot.Node)];

    protected Ending EndingOf(string run) => NodePlanner.OrdersFor(state, NodesOf(run)[0], new AttemptSecrets()).Slots.First(order => order.Order.Run == run).Ending;

    protected void Submit(params RunOrder[] orders)
    {
        foreach (var order in orders)
            Do(new SubmitRun(order));
    }

    protected void Nodes(params (string Name, int Slots)[] nodes) => Nodes([.. nodes.Select(node => (node.Name, node.Slots, Array.Empty<string>()))]);

    protected void Nodes(params (string Name, int Slots, string[] Labels)[] nodes)
    {
        foreach (var (name, slots, labels) in nodes)
            Do(new NodeReport(name, [.. Enumerable.Range(0, slots).Select(slot => Slot(name, slot))], Labels(labels)));
    }

    /// <summary>The node has what it was ordered.</summary>
    protected void Report(string node, string? ended = null, ReplicaOutcome? outcome = null) =>
        Do(state.Nodes.Nodes[node] with { Slots = [.. state.Nodes.Nodes[node].Slots.Select(slot => Slot(node, slot.Slot, ended, outcome))] });

    protected void End(string run, ReplicaOutcome? outcome = null)
    {
        foreach (var node in NodesOf(run).Distinct())
            Report(node, run, outcome ?? new ReplicaOutcome.Succeeded());
    }

    protected SlotReport Slot(string node, int slot, string? ended = null, ReplicaOutcome? outcome = null)
    {
        var work = from run in state.Runs.Placed
                   from rank in run.LiveRanks
                   where rank.State.Slot == new SlotAddress(node, slot)
                   select new SlotWork(run.Name, run.Generation, rank.Number, ReplicaPhase.Training, "", null, null, run.Name == ended ? outcome : null);
        return new SlotReport(slot, 100 + slot, true, 0, work.SingleOrDefault(), null);
    }

    protected void Do(ClusterCommand command)
    {
        var events = state.Process(command, now);
        journal.AddRange(events.OfType<IJournalEvent>());
        state = events.Aggregate(state, (cluster, change) => cluster.Apply(change));
    }
}
