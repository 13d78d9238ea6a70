using JointFusion.Experiments;
using JointFusion.Training;

namespace JointFusion.Cli;

/// <summary>What <c>jf checkpoint pull</c> says of one run.</summary>
/// <param name="Step">Of its checkpoint; null where it has none yet.</param>
/// <param name="Bytes">Of the checkpoint's tensors.</param>
internal sealed record PulledRun(string Run, int? Step, long Bytes)
{
    public static PulledRun Of(string run, CheckpointEntry? checkpoint) =>
        new(run, checkpoint?.Step, checkpoint?.Manifest!.Files.Sum(file => file.Bytes) ?? 0);

    /// <param name="plan">Of the run.</param>
    public string InWords(RunPlan plan) => (Step, plan.Fork) switch
    {
        ({ } step, _) => $"{Run}: step {step:N0} of {plan.TotalSteps:N0}, {CheckpointView.Size(Bytes)}, read to the last byte",
        (null, null) => $"{Run}: no checkpoint yet; it begins from its seed",
        (null, { } fork) => $"{Run}: a fork of {fork.Run} that had not begun when the mirror was last written, so that it cannot go on; fork it again",
    };
}
