using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>How a worker process is started. <c>--socket PATH</c> is added to its arguments; it is to call <see cref="WorkerProcess.Run"/>.</summary>
/// <param name="Environment">Added to the agent's own.</param>
public sealed record WorkerLaunch(string FileName, ImmutableArray<string> Arguments, ImmutableDictionary<string, string> Environment)
{
    public const string DevicesVariable = "CUDA_VISIBLE_DEVICES";

    /// <summary>GPUs for the slots, by their names in CUDA_VISIBLE_DEVICES. Default none: workers see what their agent sees.</summary>
    public ImmutableArray<string> Devices { get; init; } = [];

    /// <summary>Of one slot's worker, which sees a GPU of its own, or, of more slots than GPUs, shares one in turn: whichever runs come to lie on one node, they do not all take its first.</summary>
    internal WorkerLaunch ForSlot(int slot) =>
        Devices.IsEmpty ? this : this with { Environment = Environment.SetItem(DevicesVariable, Devices[slot % Devices.Length]) };
}
