using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>The conditions that a summary shows first, chosen once for all pages and tables.</summary>
internal static class Headline
{
    /// <summary>Rows over all targets with the query's own picture left out; tasks whose queries have no picture keep their one row.</summary>
    public static IEnumerable<ResultRow> Rows(IReadOnlyCollection<ResultRow> rows, PoolKind pool, bool ownImageInPool = false)
    {
        var candidates = rows.Where(row => row.Pool == pool && row.Targets == "all").ToList();
        var withChoice = candidates.Where(row => !row.OwnImageInPool).Select(row => (row.Split, row.Task)).ToHashSet();
        return candidates.Where(row => row.OwnImageInPool == ownImageInPool || !withChoice.Contains((row.Split, row.Task)));
    }

    /// <summary>test where there is one, otherwise the first.</summary>
    public static string Split(IEnumerable<string> splits) => splits.MinBy(split => split == "test" ? 0 : 1) ?? "";

    /// <summary>5 where it was measured, otherwise 10 or the smallest k above it, as M-BEIR has it for fashion.</summary>
    public static int K(IEnumerable<int> ks)
    {
        var ordered = ks.Order().ToList();
        return ordered.Contains(5) ? 5 : ordered.FirstOrDefault(k => k >= 10, ordered.LastOrDefault());
    }
}
