using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>Holm's step-down correction (Scandinavian Journal of Statistics 6, 1979): the chance of any false finding among all stays below the level.</summary>
public static class Holm
{
    /// <returns>Adjusted p-values in the order given: what is below the level is found.</returns>
    public static ImmutableArray<double> Adjust(IReadOnlyList<double> pValues)
    {
        var adjusted = new double[pValues.Count];
        var least = 0.0;
        foreach (var (index, rank) in Enumerable.Range(0, pValues.Count).OrderBy(i => pValues[i]).Select((index, rank) => (index, rank)))
            adjusted[index] = least = Math.Max(least, Math.Min(1, (pValues.Count - rank) * pValues[index]));
        return [.. adjusted];
    }
}
