using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>Where a store tells what became of its writes, on its own thread. Handlers must not throw or call the store.</summary>
/// <param name="Written">A checkpoint is whole and durable; older ones are still there.</param>
/// <param name="Failed">Step and cause; the checkpoints before it are untouched, and training goes on.</param>
public sealed record CheckpointEvents(Action<CheckpointManifest> Written, Action<int, CheckpointException> Failed);
