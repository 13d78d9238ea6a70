using System.Collections.Immutable;

namespace JointFusion.Cli;

/// <summary>What may go.</summary>
/// <param name="OlderThan">Of experiments into which nothing was written for so long, and embeddings that nobody used for so long.</param>
/// <param name="Quota">Bytes of the root and of the embeddings that this user keeps, beyond which more goes: of these first, which can be computed anew, then of experiments;
/// only of what stands still for a day, that first which does for the longest. Null: none.</param>
/// <param name="Keep">Names of experiments that nothing is taken from.</param>
internal sealed record GarbagePolicy(TimeSpan OlderThan, long? Quota, ImmutableArray<string> Keep)
{
    /// <summary>A run writes at every step, and one that waits for slots or is stuck is seen to sooner.</summary>
    public static readonly TimeSpan LeastStillness = TimeSpan.FromDays(1);
}
