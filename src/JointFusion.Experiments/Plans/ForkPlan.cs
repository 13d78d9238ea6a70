using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>Where a run begins that does not begin from its seed: at a checkpoint of another science. Part of its own science.</summary>
/// <param name="Run">Name of the run that was forked.</param>
/// <param name="ScienceHash">Of that run.</param>
/// <param name="Step">Of its checkpoint: the first step of the fork is the one after.</param>
/// <param name="Ledger">Of every global batch up to it.</param>
public sealed record ForkPlan(string Run, string ScienceHash, int Step, string Ledger)
{
    /// <summary>What makes it impossible, or without effect, to go on from a step of one plan with another; empty if nothing does.</summary>
    /// <remarks>The checkpoint has the stages before it behind it, and the untrained retriever too: a difference there would change nothing.</remarks>
    public static ImmutableArray<PlanFault> Faults(RunPlan source, int step, RunPlan target)
    {
        var stage = source.StageOf(step);
        var reached = step - stage.FirstStep + 1;
        if (target.Stages.ElementAtOrDefault(stage.Index)?.Spec.Steps is not { } steps || steps < reached)
            return [new(target.Run, $"stages[{stage.Index}].steps", $"the checkpoint has {reached} steps of stage '{stage.Spec.Name}' behind it; give at least as many, or fork an earlier checkpoint")];
        return
        [
            .. from difference in PlanScience.Differences(source, target)
               let reason = ReasonAgainst(difference.Key, stage)
               where reason is not null
               select new PlanFault(target.Run, difference.Key, $"{difference.Before} -> {difference.After}: {reason}"),
        ];
    }

    /// <summary>The plan as it is when it begins at a checkpoint: with hashes of its own.</summary>
    /// <param name="ledger">Of the checkpoint.</param>
    public static RunPlan Apply(RunPlan source, int step, string ledger, RunPlan target) =>
        new ForkPlan(source.Run, source.ScienceHash, step, ledger).Chain(target);

    /// <summary>A fork that goes on with a plan on other resources.</summary>
    public static RunPlan Again(RunPlan fork, RunPlan target) =>
        (fork.Fork ?? throw new ArgumentException("The plan is of no fork.", nameof(fork))).Chain(target);

    private RunPlan Chain(RunPlan target)
    {
        string Chained(string hash) => CanonicalJson.Hash(new { After = hash, Fork = this });
        return target with
        {
            Fork = this,
            Shared = null, // It begins elsewhere.
            Stages = [.. target.Stages.Select(stage => stage with { LineageHash = Chained(stage.LineageHash) })],
            ScienceHash = Chained(target.ScienceHash),
            PlanHash = Chained(target.PlanHash),
        };
    }

    private static string? ReasonAgainst(string key, StagePlan reached)
    {
        if (PlanScience.IsStart(key))
            return "the checkpoint has it, or has it not, as training left it; leave it as it was";
        if (PlanScience.IsArchitecture(key))
            return "the checkpoint's weights do not fit; leave it as it was, or begin a new run";
        if (PlanScience.StageIn(key) is not { } index)
            return null;
        if (index < reached.Index)
            return "it has no effect, since the checkpoint has this stage behind it; leave it as it was, or fork an earlier checkpoint";
        return index == reached.Index && key.EndsWith(".name", StringComparison.Ordinal)
            ? "the checkpoint is of this stage; leave its name, or add a stage after it"
            : null;
    }
}
