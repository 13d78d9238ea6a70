using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>The splits that an evaluation may name. Whether a data set has one is checked in planning.</summary>
public static class KnownSplits
{
    public static ImmutableArray<string> All { get; } = ["val", "test", "unseen"];
}
