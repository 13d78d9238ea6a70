using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>One figure of a run for a ranking, with all that it holds under.</summary>
/// <param name="Value">Recall: each task and pool counts the same. See <see cref="RungScore"/>.</param>
public sealed record RunScore(double Value, ScoreConditions Conditions);

/// <summary>What two runs must have in common before one may be called the better.</summary>
/// <param name="Cells">By task and pool: candidates and queries.</param>
public sealed record ScoreConditions(string Data, string Split, string Instructions, ImmutableSortedDictionary<string, string> Cells)
{
    /// <summary>In words that a table's head can hold.</summary>
    public string Name => $"mean recall, {Split}";

    /// <returns>Null: the run has not been evaluated.</returns>
    public static RunScore? Of(IReadOnlyCollection<ResultRow> rows)
    {
        var split = Headline.Split(rows.Select(row => row.Split).Distinct());
        var all = rows.Where(row => row.Split == split && row.Fusion != ExperimentResults.Pixels).ToList();
        var counted = all.Where(row => row is { Metric: "recall", Targets: "all", Operation: Operations.All, Inputs: "query" }).ToList();
        if (counted.Count == 0)
            return null;
        var cells = counted.GroupBy(row => (row.Task, row.Pool)).Select(cell => cell.OrderBy(row => row.OwnImageInPool).First())
            .ToImmutableSortedDictionary(row => $"task {row.Task} {Marks.Name(row.Pool)}", row => $"{row.PoolSize:N0} candidates, {row.Queries:N0} queries{(row.OwnImageInPool ? ", own picture in" : "")}");
        return new RunScore(RungScore.Of(all, SweepMetric.Recall), new ScoreConditions(counted[0].Data, split, counted[0].Instructions, cells));
    }

    /// <summary>In words; empty where the figures may be compared.</summary>
    public IEnumerable<string> Differences(ScoreConditions other)
    {
        foreach (var (name, ours, theirs) in ((string, string, string)[])[("data", Data, other.Data), ("split", Split, other.Split), ("instructions", Instructions, other.Instructions)])
            if (ours != theirs)
                yield return $"{name} {ours} against {theirs}";
        foreach (var cell in Cells.Keys.Union(other.Cells.Keys))
            if (Cells.GetValueOrDefault(cell, "not measured") is var ours && other.Cells.GetValueOrDefault(cell, "not measured") is var theirs && ours != theirs)
                yield return $"{cell}: {ours} against {theirs}";
    }
}
