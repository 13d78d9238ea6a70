using System.Collections.Immutable;

namespace JointFusion.Retrieval;

/// <summary>At which k recall is reported, as M-BEIR does: deeper for its two fashion sets.</summary>
public static class RecallDepths
{
    public static ImmutableArray<int> Of(string dataSet) =>
        dataSet.Contains("fashion", StringComparison.OrdinalIgnoreCase) ? [10, 20, 50] : [1, 5, 10];

    public static int Deepest(string dataSet) => Of(dataSet)[^1];
}
