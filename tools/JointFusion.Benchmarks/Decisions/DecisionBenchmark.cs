using System.CommandLine;
using System.Diagnostics;
using JointFusion.Orchestration;

namespace JointFusion.Benchmarks;

/// <summary><c>decisions</c>: how long the coordinator's state takes over a command, for queues of several lengths.</summary>
internal static class DecisionBenchmark
{
    private static readonly int[] Waiting = [0, 1_000, 5_000];

    private static readonly Dictionary<BusyCluster, BusyCluster> Sweeps = [];

    private static readonly (string Name, Func<BusyCluster, int, Action> Prepare)[] Decisions =
    [
        ("a node reports, nothing is new", Beat),
        ("a run ends, others get its slots", End),
        ("a node is lost, its runs are placed anew", Lose),
        ("a run is submitted", (cluster, _) => Deciding(cluster, cluster.Submission())),
        ("all are one sweep, and a run comes to its rung", AtRung),
        ("a waiting run is stopped", (cluster, _) => Deciding(cluster, new StopRuns([(cluster.State.Runs.Waiting.LastOrDefault() ?? cluster.State.Runs[^1]).Name]))),
    ];

    public static Command Command()
    {
        var rounds = new Option<int>("--rounds") { Description = "Measurements of each.", DefaultValueFactory = _ => 50 };
        var file = new Option<FileInfo?>("--out") { Description = "Markdown file to write.", HelpName = "FILE" };
        var command = new Command("decisions", "The coordinator's decisions in a full cluster, by the number of waiting runs.") { rounds, file };
        command.SetAction(parsed => Run(parsed.GetValue(rounds), parsed.GetValue(file)));
        return command;
    }

    private static void Run(int rounds, FileInfo? file)
    {
        var series = Decisions.ToDictionary(decision => decision.Name, _ => Waiting.ToDictionary(waiting => waiting, _ => new Series()));
        var clusters = Waiting.ToDictionary(waiting => waiting, waiting => new BusyCluster(waiting));
        const int warmUps = 10;
        for (var round = -warmUps; round < rounds; round++)
            foreach (var (name, prepare) in Decisions)
                foreach (var (waiting, cluster) in clusters)
                {
                    var decide = prepare(cluster, round + warmUps);
                    var start = Stopwatch.GetTimestamp();
                    decide();
                    if (round >= 0)
                        series[name][waiting].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }
        var report = new Report(
            "Decisions", "dotnet run -c Release --project tools/JointFusion.Benchmarks -- decisions", ["decision, ms", .. Waiting.Select(waiting => $"{waiting:N0} waiting")]);
        foreach (var (name, _) in Decisions)
            report.Add([name, .. Waiting.Select(waiting => series[name][waiting].Text("0.00"))]);
        report.Write(file, $"{BusyCluster.Size}, all taken, runs of 1 to 8 workers, two priorities, five users. The state machine alone: deciding and applying, without journal and network.");
    }

    private static Action Beat(BusyCluster cluster, int round) => Deciding(cluster, cluster.Report(BusyCluster.Names[round % BusyCluster.Names.Count]));

    /// <summary>Only its last node's report is timed: it frees the run's last slots.</summary>
    private static Action End(BusyCluster cluster, int round) => End(cluster, new ReplicaOutcome.Succeeded());

    /// <summary>In a cluster of its own, whose runs have come to the rung one after another.</summary>
    private static Action AtRung(BusyCluster like, int round)
    {
        if (!Sweeps.TryGetValue(like, out var sweep))
            Sweeps.Add(like, sweep = new BusyCluster(like.State.Runs.Waiting.Count(), isOneSweep: true));
        return End(sweep, new ReplicaOutcome.AtRung(BusyCluster.Rung, "recall", (round * 37 % 101) / 101.0));
    }

    private static Action End(BusyCluster cluster, ReplicaOutcome outcome)
    {
        var run = cluster.State.Runs.Placed.First(run => outcome is not ReplicaOutcome.AtRung || run.NextRung is not null);
        var nodes = run.Attempt!.Ranks.Select(rank => rank.Slot.Node).Distinct().ToList();
        foreach (var node in nodes)
            cluster.Do(cluster.Report(node)); // It has taken its orders.
        foreach (var node in nodes.SkipLast(1))
            cluster.Do(cluster.Report(node, run.Name, outcome));
        return Deciding(cluster, cluster.Report(nodes[^1], run.Name, outcome));
    }

    /// <summary>The node lost in the round before has come back meanwhile.</summary>
    private static Action Lose(BusyCluster cluster, int round)
    {
        foreach (var gone in BusyCluster.Names.Where(node => !cluster.State.Nodes.Nodes.ContainsKey(node)))
            cluster.Do(cluster.Report(gone));
        return Deciding(cluster, new LoseNode(BusyCluster.Names[round % BusyCluster.Names.Count]));
    }

    private static Action Deciding(BusyCluster cluster, ClusterCommand command) => () => cluster.Do(command);
}
