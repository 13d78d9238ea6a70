using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>See <see cref="SideBySide"/>.</summary>
internal sealed class SideBySideBuilder(IReadOnlyList<EvaluatedRun> runs, Func<ResultRow, bool> shown)
{
    // Fixed: the same outcomes give the same intervals, whatever was compared before.
    private const int BootstrapSeed = 0;
    private const double SameMean = 1e-6;

    private readonly OutcomeIndex[] outcomes = [.. runs.Select(run => new OutcomeIndex(run.Outcomes))];
    private readonly ILookup<RowKey, ResultRow>[] rows = [.. runs.Select(run => run.Rows.Where(shown).ToLookup(RowKey.Of))];
    private (string[] Concepts, ClusteredBootstrap Bootstrap)? drawn;

    public SideBySide Build() => new(
        [.. runs.Select(Describe)],
        [.. rows.SelectMany(of => of.Select(row => row.Key)).Distinct()
            .OrderBy(key => key.Split, StringComparer.Ordinal).ThenBy(key => key.Pool).ThenBy(key => key.Task).ThenBy(key => key.Operation, StringComparer.Ordinal).ThenBy(key => key.Targets, StringComparer.Ordinal)
            .Select(Row)]);

    private SideRun Describe(EvaluatedRun run)
    {
        var row = run.Rows[0];
        return new SideRun(run.Name, row.Fusion, row.Seed, row.Stages, row.Ledger, row.Plan, ReferenceEquals(run, runs[0]) ? [] : TrainingDifferences.Between(runs[0], run));
    }

    private SideRow Row(RowKey key)
    {
        var first = rows[0][key].FirstOrDefault();
        return new SideRow(
            key.Split, key.Pool, key.Task, key.Operation, key.Metric, key.K, key.Inputs, key.OwnImageInPool, key.Targets,
            [.. Enumerable.Range(0, runs.Count).Select(run => rows[run][key].FirstOrDefault() is { } row ? Value(key, run, row, first) : null)]);
    }

    private SideValue Value(RowKey key, int run, ResultRow row, ResultRow? first)
    {
        var (difference, reason) = run == 0 ? (null, null) : Pair(key, run, row, first);
        return new SideValue(row.Value, row.CiLow, row.CiHigh, row.Queries, row.Data, row.PoolSize, row.Instructions, difference, reason);
    }

    private (PairedDifference? Difference, string? Reason) Pair(RowKey key, int run, ResultRow row, ResultRow? first)
    {
        if (first is null)
            return (null, $"{runs[0].Name} has no such row");
        var differing = RowConditions.OfQuestion(first, row);
        if (differing.Count > 0)
            return (null, string.Join("; ", differing));
        var (theirs, ours) = (outcomes[0].Scores(key), outcomes[run].Scores(key));
        if (theirs.IsEmpty || ours.IsEmpty)
            return (null, $"{(theirs.IsEmpty ? runs[0] : runs[run]).Name} has no outcomes.jsonl to pair queries by");
        if (!ours.Select(Question).SequenceEqual(theirs.Select(Question)))
            return (null, "the two outcomes.jsonl hold different queries");
        if (!AddUp(first, theirs) || !AddUp(row, ours))
            return (null, "outcomes.jsonl does not add up to evaluation.json");
        var interval = BootstrapOf(ours).Difference([.. ours.Select(score => score.Value)], [.. theirs.Select(score => score.Value)]);
        return (new PairedDifference(interval.Value, interval.Low, interval.High, ours.Select(score => score.Concept).Distinct(StringComparer.Ordinal).Count()), null);
    }

    /// <summary>Drawing resamples is what costs; rows of one cell follow each other and have the same queries.</summary>
    private ClusteredBootstrap BootstrapOf(ImmutableArray<QueryScore> scores)
    {
        string[] concepts = [.. scores.Select(score => score.Concept)];
        if (drawn is not { } last || !last.Concepts.SequenceEqual(concepts))
            drawn = last = (concepts, new ClusteredBootstrap(concepts, BootstrapSeed));
        return last.Bootstrap;
    }

    private static (string, string, int) Question(QueryScore score) => (score.QueryId, score.Concept, score.Relevant);

    private static bool AddUp(ResultRow row, ImmutableArray<QueryScore> scores) => scores.Length == row.Queries && Math.Abs(scores.Average(score => score.Value) - row.Value) < SameMean;
}
