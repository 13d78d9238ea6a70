using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>Whose checkpoints these are: goes into every manifest, and is compared before one is used.</summary>
/// <param name="Generation">Attempt of the run; files of older ones may be cleaned up, files of newer ones never.</param>
public sealed record CheckpointOwner(string Run, string ScienceHash, string PlanHash, int Generation, int WorldSize)
{
    /// <summary>By rank, the kind that it trains on; null: unknown.</summary>
    public ImmutableArray<string>? Processors { get; init; }

    /// <param name="worldSize">Of the attempt.</param>
    public static CheckpointOwner Of(RunPlan plan, int generation, int worldSize) =>
        new(plan.Run, plan.ScienceHash, plan.PlanHash, generation, worldSize);
}
