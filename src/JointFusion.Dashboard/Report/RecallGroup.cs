using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>All figures of one task and operation under one choice of split, pool, own picture and metric.</summary>
/// <param name="OwnImageInPool">True although left out was asked for, where the queries have no picture.</param>
public sealed record RecallGroup(int Task, string Operation, int Queries, int PoolSize, bool OwnImageInPool, ImmutableArray<RecallLine> Lines)
{
    /// <summary>Rows of one choice, grouped: by task, the whole task first.</summary>
    public static ImmutableArray<RecallGroup> From(IEnumerable<ResultRow> rows) =>
        [.. rows.GroupBy(row => row.Task)
            .SelectMany(task => Operations.WholeIsWorthShowing(task.Select(row => row.Operation)) || task.All(row => Operations.IsWhole(row.Operation))
                ? task
                : task.Where(row => !Operations.IsWhole(row.Operation)))
            .GroupBy(row => (row.Task, row.Operation))
            .OrderBy(group => group.Key.Task)
            .ThenBy(group => group.Key.Operation == Operations.All ? 0 : Operations.IsControl(group.Key.Operation) ? 2 : 1)
            .ThenBy(group => group.Key.Operation, StringComparer.Ordinal)
            .Select(Group)];

    private static RecallGroup Group(IGrouping<(int Task, string Operation), ResultRow> group)
    {
        var pixels = group.Where(row => row.Fusion == ExperimentResults.Pixels).ToList();
        var lines = group.Except(pixels).GroupBy(row => row.Run).Select(run => RecallLine.Of([.. run], pixels)).ToList();
        if (pixels.Count > 0)
            lines.Add(new RecallLine("raw pixels", ExperimentResults.Pixels, [.. pixels.OrderBy(row => row.K)], [], BaselineVerdict.None));
        var first = group.First();
        return new RecallGroup(group.Key.Task, group.Key.Operation, first.Queries, first.PoolSize, first.OwnImageInPool, [.. lines]);
    }
}

/// <param name="Query">Rows given the whole query, by k.</param>
/// <param name="Baselines">At the headline's k: the same weights given the image alone or the text alone.</param>
public sealed record RecallLine(
    string Run, string Fusion, ImmutableArray<ResultRow> Query, ImmutableArray<ResultRow> Baselines, BaselineVerdict Verdict)
{
    internal static RecallLine Of(IReadOnlyCollection<ResultRow> rows, IReadOnlyCollection<ResultRow> pixels)
    {
        ImmutableArray<ResultRow> query = [.. rows.Where(row => row.Inputs == "query").OrderBy(row => row.K)];
        var k = Headline.K(query.Select(row => row.K));
        ImmutableArray<ResultRow> baselines = [.. rows.Where(row => row.Inputs != "query" && row.K == k).OrderBy(row => row.Inputs)];
        var first = rows.First();
        var whole = query.FirstOrDefault(row => row.K == k);
        var verdict = whole is null ? BaselineVerdict.None : Judge(whole, [.. baselines, .. pixels.Where(row => row.K == k)]);
        return new RecallLine(first.Run, first.Fusion, query, baselines, verdict);
    }

    private static BaselineVerdict Judge(ResultRow whole, IReadOnlyCollection<ResultRow> baselines) =>
        baselines.Count == 0 ? BaselineVerdict.None
        : baselines.Any(row => row.Value >= whole.Value) ? BaselineVerdict.NotAbove
        : baselines.All(row => row.CiHigh < whole.CiLow) ? BaselineVerdict.ClearlyAbove
        : BaselineVerdict.Above;
}

/// <summary>A retriever's figure beside image alone, text alone and raw pixels. Clearly: no interval touches.</summary>
public enum BaselineVerdict { None, NotAbove, Above, ClearlyAbove }
