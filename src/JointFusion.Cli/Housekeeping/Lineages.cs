using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary>The checkpoints that runs rest on which are not theirs: a fork's source, and the end of a stage that several runs have in common.</summary>
/// <param name="live">Plans of the runs that may still want one.</param>
internal sealed class Lineages(IEnumerable<RunPlan> live)
{
    private readonly HashSet<(string Science, int Step)> forked = [.. live.Select(plan => plan.Fork).OfType<ForkPlan>().Select(fork => (fork.ScienceHash, fork.Step))];
    private readonly HashSet<string> shared = [.. live.SelectMany(plan => plan.Stages).Select(stage => stage.LineageHash)];

    /// <summary>Whether another run begins, or may begin, at this run's checkpoint.</summary>
    public bool Need(RunPlan plan, int step) =>
        forked.Contains((plan.ScienceHash, step)) || plan.Stages.Any(stage => stage.FirstStep + stage.Spec.Steps - 1 == step && shared.Contains(stage.LineageHash));
}
