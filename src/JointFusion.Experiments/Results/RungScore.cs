namespace JointFusion.Experiments;

/// <summary>One figure for a run that is to be compared with others of its sweep, where all rows are of one split.</summary>
public static class RungScore
{
    /// <summary>As <see cref="SweepMetric"/> says: each task and pool counts the same.</summary>
    /// <exception cref="ArgumentException">There is no such row.</exception>
    public static double Of(IReadOnlyCollection<ResultRow> rows, SweepMetric metric)
    {
        var name = SpecKeys.Name(metric.ToString());
        var all = rows.Where(row => row.Metric == name && row.Targets == "all" && row.Operation == "all" && row.Inputs == "query").ToList();
        var depth = all.Select(row => row.K).Order().Cast<int?>().FirstOrDefault(k => k is 5 or >= 10);
        var cells = all.Where(row => row.K == depth).GroupBy(row => (row.Task, row.Pool)).Select(cell => cell.OrderBy(row => row.OwnImageInPool).First().Value).ToList();
        return cells.Count > 0 ? cells.Average() : throw new ArgumentException($"No row of metric {name}.", nameof(rows));
    }
}
