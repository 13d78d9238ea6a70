using System.Collections.Immutable;
using JointFusion.Experiments;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>All runs of an experiment as the terminal sees them, folded from the cluster's events.</summary>
public sealed record ExperimentProgress(ImmutableArray<RunProgress> Runs)
{
    public static ExperimentProgress Of(IEnumerable<RunPlan> plans) =>
        new([.. plans.Select(plan => new RunProgress(plan.Run, plan.TotalSteps))]);

    public ExperimentProgress With(ClusterEvent happened) => happened switch
    {
        RunChanged changed => Change(changed.Run.Name, run => run.With(changed.Run)),
        PhaseReported phase => Change(phase.Run, run => run.With(phase)),
        StepReported step => Change(step.Metrics.Run, run => run.With(step.Metrics)),
        _ => this,
    };

    private ExperimentProgress Change(string name, Func<RunProgress, RunProgress> change) =>
        this with { Runs = [.. Runs.Select(run => run.Name == name ? change(run) : run)] };
}
