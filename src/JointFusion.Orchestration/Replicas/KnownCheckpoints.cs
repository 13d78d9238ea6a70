using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>What a replica has heard of its run's checkpoints.</summary>
/// <param name="Journalled">Step of the newest that the coordinator has journalled; null: nothing since the order.</param>
/// <param name="LetGo">See <see cref="SlotOrder.LetGo"/>.</param>
public sealed record KnownCheckpoints(int? Journalled, ImmutableArray<int> LetGo)
{
    public static KnownCheckpoints None { get; } = new(null, []);
}
