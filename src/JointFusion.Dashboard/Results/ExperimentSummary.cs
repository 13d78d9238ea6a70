using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>The experiment in one small table: a row a split, task and operation, at one k, in the local pool, own picture left out.</summary>
public sealed record ExperimentSummary(int K, PoolKind Pool, ImmutableArray<SummaryRow> Rows)
{
    /// <summary>Where several seeds were run.</summary>
    public Study? Study { get; init; }

    /// <summary>Recall (any relevant in the top k), whole query.</summary>
    public static ExperimentSummary From(ExperimentResults results, int k = 5, PoolKind pool = PoolKind.Local)
    {
        var rows = Headline.Rows(results.Rows, pool).Where(row => row.K == k && row.Metric == "recall" && row.Inputs == "query");
        return new ExperimentSummary(k, pool, [.. rows
            .Where(row => row.Fusion != ExperimentResults.Pixels)
            .GroupBy(row => (row.Split, row.Task, row.Operation, row.OwnImageInPool))
            .Select(group => Row([.. group], results, k, pool))]);
    }

    private static SummaryRow Row(ImmutableArray<ResultRow> rows, ExperimentResults results, int k, PoolKind pool)
    {
        var first = rows[0];
        var best = rows.Max(row => row.Value);
        var differences = results.Comparisons.Where(c => c.Split == first.Split && c.Pool == pool && c.Task == first.Task
            && c.Operation == first.Operation && c.OwnImageInPool == first.OwnImageInPool && c.K == k && c.Targets == "all");
        return new SummaryRow(
            first.Split, first.Task, first.Operation, Operations.IsComposed(first.Task), Operations.IsControl(first.Operation), first.Queries,
            [.. rows.Select(row => new SummaryValue(row.Run, row.Fusion, row.Value, row.CiLow, row.CiHigh, row.Value == best))],
            [.. differences]);
    }
}

/// <param name="IsControl">Shown, but no evidence: see <see cref="Operations.ControlNote"/>.</param>
/// <param name="Differences">Early minus each late run, where comparable.</param>
public sealed record SummaryRow(
    string Split, int Task, string Operation, bool IsComposed, bool IsControl, int Queries,
    ImmutableArray<SummaryValue> Values, ImmutableArray<Comparison> Differences);

/// <param name="Best">The highest of its row, or level with it.</param>
public sealed record SummaryValue(string Run, string Fusion, double Value, double CiLow, double CiHigh, bool Best);
