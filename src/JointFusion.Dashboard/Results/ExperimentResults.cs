using System.Collections.Immutable;
using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>results.json: the rows of all runs of an experiment, and early against late fusion wherever their conditions agree.</summary>
/// <param name="NotEvaluated">Runs that have a plan but no evaluation.json: still going, stopped or failed.</param>
public sealed record ExperimentResults(
    int Schema,
    ImmutableArray<ResultRow> Rows,
    ImmutableArray<Comparison> Comparisons,
    ImmutableArray<RefusedComparison> NotCompared,
    ImmutableArray<string> NotEvaluated)
{
    /// <summary><see cref="ResultRow.Fusion"/> of the raw-pixel baseline.</summary>
    public const string Pixels = "pixels";

    /// <summary>Pure: the same runs give the same results, to the last digit.</summary>
    public static ExperimentResults From(IReadOnlyList<RunResults> runs)
    {
        var comparer = new EarlyLateComparer();
        comparer.Compare(runs);
        return new ExperimentResults(
            1,
            [.. runs.SelectMany(run => run.Rows).DistinctBy(Identity)],
            comparer.Made,
            comparer.Refused,
            [.. runs.Where(run => !run.Evaluated).Select(run => run.Name)]);
    }

    /// <summary>
    /// Of a study, which has runs by the hundred and is compared as a whole in study.json: the headline's recall of each run. All rows are in
    /// the runs' own evaluation.json.
    /// </summary>
    public static ExperimentResults OfStudy(IReadOnlyList<RunResults> runs, Study study) => new(
        1,
        [.. runs.SelectMany(run => run.Rows).Where(row => row is { Metric: "recall", Inputs: "query", Targets: "all" } && row.K == study.K && row.Pool == study.Pool && row.Fusion != Pixels)],
        [],
        [],
        [.. runs.Where(run => !run.Evaluated).Select(run => run.Name)]);

    /// <summary>Replaces the experiment's results.json at once: a reader sees the old file or the new one, never half of one.</summary>
    public void Write(ExperimentFolder folder) => AtomicFile.Write(folder.Results, JsonSerializer.Serialize(this, JointFusionJson.File) + "\n");

    /// <summary>The raw-pixel baseline knows no training: rows that differ only in the run that came along with it are one row.</summary>
    private static ResultRow Identity(ResultRow row) =>
        row.Fusion == Pixels ? row with { Run = "", Seed = 0, Stages = "", Ledger = "", Plan = "" } : row;
}
