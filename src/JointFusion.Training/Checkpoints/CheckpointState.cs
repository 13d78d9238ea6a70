using System.Collections.Immutable;
using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>What training hands over to be saved: where it is, and the live tensors, which are copied before <see cref="CheckpointStore.Save"/> returns.</summary>
/// <param name="Step">Steps done, counted over the whole run.</param>
/// <param name="Stage">Name of the stage of that step.</param>
/// <param name="Ledger">Chained hash of every global batch so far.</param>
/// <param name="Weights">On any device; names of their own.</param>
/// <param name="Optimizer">Moments and counters, likewise.</param>
/// <param name="Merges">Adapters that were merged before; null: none.</param>
/// <param name="FromFolder">What <paramref name="Weights"/> leave to the published model's folder; null: nothing.</param>
/// <param name="Loss">Mean since the checkpoint before; null before any step.</param>
public sealed record CheckpointState(
    int Step, string Stage, string Ledger, IReadOnlyList<NamedTensor> Weights, IReadOnlyList<NamedTensor> Optimizer, double? Loss = null,
    ImmutableArray<AdapterMerge>? Merges = null, FolderWeights? FromFolder = null);
