using System.Collections.Immutable;
using JointFusion.Experiments;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>One experiment of a server.</summary>
/// <param name="Orders">Of its runs, which the cluster knows as EXPERIMENT/RUN; in the grid's order.</param>
/// <param name="Sweep">That they are part of, of the experiment's name; null: none.</param>
/// <param name="Begun">When its spec was written.</param>
/// <param name="Ancestry">Of each run, in the order of <paramref name="Orders"/>.</param>
internal sealed record ServedExperiment(
    string Name, ExperimentFolder Folder, ImmutableArray<RunOrder> Orders, SweepOrder? Sweep, DateTime Begun, ImmutableArray<RunAncestry> Ancestry)
{
    /// <summary>Holds the name of the user who submitted it.</summary>
    public static string SubmitterFile(ExperimentFolder folder) => Path.Combine(folder.Path, "submitter");

    public ImmutableArray<string> Runs { get; } = [.. Orders.Select(order => order.Run)];

    /// <summary>Whether its runs began at checkpoints of another's.</summary>
    public bool IsFork => Ancestry.Any(run => run.Fork is not null);

    /// <summary>Of its runs, read anew.</summary>
    public ImmutableArray<RunPlan> Plans() => [.. Orders.Select(order => PlanFile.Read(new RunFolder(order.RunFolder)))];

    /// <returns>Null if the folder holds no experiment, or one of <c>jf run</c>, which has a journal of its own.</returns>
    public static ServedExperiment? Open(string path)
    {
        var folder = new ExperimentFolder(path);
        if (!File.Exists(folder.Spec) || !Directory.Exists(folder.Runs) || File.Exists(folder.Journal))
            return null;
        var name = Path.GetFileName(path);
        var user = File.Exists(SubmitterFile(folder)) ? File.ReadAllText(SubmitterFile(folder)) : null;
        // Plans were written one after the other, as the grid has them.
        var plans =
            from run in Directory.GetDirectories(folder.Runs).Select(run => new RunFolder(run))
            where File.Exists(run.Plan)
            let plan = PlanFile.Read(run)
            orderby File.GetLastWriteTimeUtc(run.Plan), plan.Run
            select (Folder: run, Plan: plan);
        ImmutableArray<(RunFolder Folder, RunPlan Plan)> runs = [.. plans];
        return new ServedExperiment(
            name, folder, [.. runs.Select(run => RunOrders.Of($"{name}/{run.Plan.Run}", run.Folder, run.Plan, name, run.Plan.Fork?.Step, user))],
            RunOrders.SweepOf(name, runs.Select(run => run.Plan)), File.GetLastWriteTimeUtc(folder.Spec),
            [.. runs.Select(run => new RunAncestry($"{name}/{run.Plan.Run}", run.Plan.ScienceHash, run.Plan.Fork))]);
    }
}

/// <summary>What a run computes, and where it began.</summary>
/// <param name="Run">As the cluster knows it.</param>
/// <param name="Fork">Null: at its seed.</param>
internal sealed record RunAncestry(string Run, string ScienceHash, ForkPlan? Fork)
{
    /// <summary>Whether the other one began at a checkpoint of this one.</summary>
    public bool IsForkedBy(RunAncestry other) => other.Fork is { } fork && fork.ScienceHash == ScienceHash && Run.EndsWith($"/{fork.Run}", StringComparison.Ordinal);
}
