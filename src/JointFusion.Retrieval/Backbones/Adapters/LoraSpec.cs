using JointFusion.Experiments;

namespace JointFusion.Retrieval;

/// <summary>Low-rank changes of some projections: each adds Alpha / Rank x A' B'.</summary>
/// <param name="Rank">Of the change.</param>
/// <param name="Alpha">Its strength does not depend on the rank.</param>
public sealed record LoraSpec(int Rank, double Alpha, LoraTargets Targets)
{
    public static LoraSpec Of(LowRankAdapters adapters) => new(adapters.Rank, adapters.Alpha, LoraTargets.Of(adapters));

    internal double Scale => Alpha / Rank;
}
