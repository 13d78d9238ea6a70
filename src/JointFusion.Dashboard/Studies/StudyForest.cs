namespace JointFusion.Dashboard;

/// <summary>Contrasts of a study as a forest plot.</summary>
internal static class StudyForest
{
    /// <summary>A row a label, in the order of <paramref name="contrasts"/>; in points.</summary>
    public static ForestPlot Plot(IEnumerable<StudyContrast> contrasts, Func<StudyContrast, string> label)
    {
        var all = contrasts.ToList();
        var filled = all.Select(contrast => contrast.Right).Distinct().DistinctBy(Kind).ToHashSet();
        return new(
            [.. all.GroupBy(label).Select(row => new ForestGroup(
                row.Key,
                [.. row.Select(c => new ForestEntry($"{c.Left} − {c.Right}", Kind(c.Right), c.Difference * 100, c.Low * 100, c.High * 100, !filled.Contains(c.Right)))]))]);
    }

    private static string Kind(string arm) => arm.Split('-')[0];
}
