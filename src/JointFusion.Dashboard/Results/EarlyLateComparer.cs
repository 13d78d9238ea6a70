using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>Sets each early-fusion run against each late one that shares all of its conditions, and says which it does not.</summary>
internal sealed class EarlyLateComparer
{
    // Fixed: the same outcomes give the same intervals, whatever was compared before.
    private const int BootstrapSeed = 0;

    private readonly List<Comparison> made = [];
    private readonly List<(string Early, string Late, string Reason)> refusedRows = [];
    private readonly List<RefusedComparison> refused = [];

    public ImmutableArray<Comparison> Made => [.. made];

    /// <summary>Rows refused for one reason are counted together.</summary>
    public ImmutableArray<RefusedComparison> Refused =>
        [.. refused, .. refusedRows.GroupBy(r => r).Select(g => new RefusedComparison(g.Key.Early, g.Key.Late, g.Key.Reason, g.Count()))];

    public void Compare(IReadOnlyList<RunResults> runs)
    {
        var evaluated = runs.Where(run => run.Evaluated).ToList();
        var variants = evaluated.Where(run => run.Fusion != Fusion.Early).GroupBy(run => (run.Fusion, run.MatchedBy)).ToList();
        foreach (var early in evaluated.Where(run => run.Fusion == Fusion.Early))
        {
            foreach (var late in variants)
                CompareWithVariant(early, [.. late]);
        }
    }

    /// <summary>In a sweep most pairs differ by design (in their seeds, say): only an early run without any partner is worth a word.</summary>
    private void CompareWithVariant(RunResults early, IReadOnlyList<RunResults> lates)
    {
        var differences = lates.Select(late => (Late: late, Found: RunConditions.Differences(early, late))).ToList();
        var partners = differences.Where(pair => pair.Found.Count == 0).ToList();
        foreach (var (late, _) in partners)
            ComparePair(early, late);
        if (partners.Count == 0)
        {
            var (nearest, found) = differences.MinBy(pair => pair.Found.Count);
            refused.Add(new RefusedComparison(early.Name, nearest.Name, string.Join("; ", found), 0));
        }
    }

    private void ComparePair(RunResults early, RunResults late)
    {
        if (early.Outcomes.IsEmpty || late.Outcomes.IsEmpty)
        {
            var without = early.Outcomes.IsEmpty ? early.Name : late.Name;
            refused.Add(new RefusedComparison(early.Name, late.Name, $"run {without} has no outcomes.jsonl to pair queries by", 0));
            return;
        }

        var (earlyScores, lateScores) = (new OutcomeIndex(early.Outcomes), new OutcomeIndex(late.Outcomes));
        var lateRows = late.Rows.Where(IsCompared).ToLookup(RowKey.Of);
        foreach (var row in early.Rows.Where(IsCompared))
        {
            var key = RowKey.Of(row);
            var reason = CompareRow(row, lateRows[key].FirstOrDefault(), earlyScores.Scores(key), lateScores.Scores(key), late);
            if (reason is not null)
                refusedRows.Add((early.Name, late.Name, reason));
            else if (row.Operation == Operations.All && early.Rows.Any(r => r.Task == row.Task && Operations.IsControl(r.Operation)))
                AddWithoutControl(row, late, key with { Operation = Operations.AllButControl }, earlyScores, lateScores);
        }
    }

    private static bool IsCompared(ResultRow row) => row is { Inputs: "query", Metric: "recall" } && row.Fusion != ExperimentResults.Pixels;

    /// <summary>Null where the comparison was made, otherwise the reason why not.</summary>
    private string? CompareRow(
        ResultRow early, ResultRow? lateRow, ImmutableArray<QueryScore> ours, ImmutableArray<QueryScore> theirs, RunResults late)
    {
        if (lateRow is null)
            return "the late run has no such row";
        var differences = RowConditions.Differences(early, lateRow);
        if (differences.Count > 0)
            return string.Join("; ", differences);
        if (!SameQueries(ours, theirs))
            return "the two outcomes.jsonl hold different queries";
        if (!AddUp(early, ours) || !AddUp(lateRow, theirs))
            return "outcomes.jsonl does not add up to evaluation.json";
        made.Add(Make(early, late, ours, theirs));
        return null;
    }

    private void AddWithoutControl(ResultRow row, RunResults late, RowKey key, OutcomeIndex early, OutcomeIndex lates)
    {
        var ours = early.Scores(key);
        if (!ours.IsEmpty)
            made.Add(Make(row with { Operation = key.Operation }, late, ours, lates.Scores(key)));
    }

    private static bool SameQueries(ImmutableArray<QueryScore> a, ImmutableArray<QueryScore> b) =>
        a.Select(s => (s.QueryId, s.Concept, s.Relevant)).SequenceEqual(b.Select(s => (s.QueryId, s.Concept, s.Relevant)));

    private static bool AddUp(ResultRow row, ImmutableArray<QueryScore> scores) =>
        scores.Length == row.Queries && scores.Length > 0 && Math.Abs(scores.Average(s => s.Value) - row.Value) < 1e-6;

    private static Comparison Make(ResultRow early, RunResults late, ImmutableArray<QueryScore> ours, ImmutableArray<QueryScore> theirs)
    {
        var concepts = ours.Select(score => score.Concept).ToArray();
        var (earlyValues, lateValues) = (Values(ours), Values(theirs));
        var difference = new ClusteredBootstrap(concepts, BootstrapSeed).Difference(earlyValues, lateValues);
        return new Comparison
        {
            Early = early.Run,
            Late = late.Name,
            LateFusion = late.Fusion.ToString().ToLowerInvariant(),
            MatchedBy = late.MatchedBy,
            Seed = early.Seed,
            Data = early.Data,
            Split = early.Split,
            Pool = early.Pool,
            PoolSize = early.PoolSize,
            Task = early.Task,
            Operation = early.Operation,
            Metric = early.Metric,
            K = early.K,
            Instructions = early.Instructions,
            OwnImageInPool = early.OwnImageInPool,
            Targets = early.Targets,
            Stages = early.Stages,
            Ledger = early.Ledger,
            EarlyValue = earlyValues.Average(),
            LateValue = lateValues.Average(),
            Difference = difference.Value,
            CiLow = difference.Low,
            CiHigh = difference.High,
            Queries = ours.Length,
            Concepts = concepts.Distinct(StringComparer.Ordinal).Count(),
        };
    }

    private static double[] Values(ImmutableArray<QueryScore> scores) => [.. scores.Select(score => score.Value)];
}
