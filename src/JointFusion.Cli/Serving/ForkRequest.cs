using JointFusion.Dashboard;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary>A fork that a server is asked for, with the run that it begins at.</summary>
/// <param name="Source">Of the run that is forked.</param>
/// <param name="Upload">The new experiment: the spec given, or that of the forked one.</param>
internal sealed record ForkRequest(RunFork Asked, RunFolder Source, RunPlan SourcePlan, SpecUpload Upload)
{
    private string Run => $"{Asked.Experiment}/{Asked.Run}";

    /// <exception cref="ApiException">There is no such run.</exception>
    public static ForkRequest Of(ServedExperiments store, RunFork fork)
    {
        var experiment = store.Find(fork.Experiment);
        if (experiment is null || !experiment.Runs.Contains($"{fork.Experiment}/{fork.Run}"))
            throw ApiException.NotFound($"No run \"{fork.Experiment}/{fork.Run}\": `jf status` lists them.");
        var source = experiment.Folder.Run(fork.Run);
        var yaml = fork.Yaml ?? File.ReadAllText(experiment.Folder.Spec);
        return new ForkRequest(
            fork, source, PlanFile.Read(source), new SpecUpload(fork.Name, fork.Yaml is null ? experiment.Folder.Spec : fork.File, yaml, fork.User));
    }

    /// <summary>Whether an experiment of that name is what an earlier request like this one has made.</summary>
    public bool Made(ServedExperiment known) =>
        File.ReadAllText(known.Folder.Spec) == Upload.Yaml
        && known.Ancestry.All(run => run.Fork is { } fork && fork.Run == SourcePlan.Run && fork.ScienceHash == SourcePlan.ScienceHash && (Asked.Checkpoint ?? fork.Step) == fork.Step);

    /// <summary>What is planned, begun at the checkpoint: the run of the same name alone, which is part of no sweep then, or all runs if none has it.</summary>
    /// <exception cref="ApiException">There is no such checkpoint, or going on from it makes no sense: lists every reason.</exception>
    public ForkedExperiment Forked(PlannedExperiment planned)
    {
        var from = Asked.Checkpoint is { } step ? Source.Checkpoint(step) : Source.Path;
        if (!Directory.Exists(from))
            throw ApiException.NotFound($"{Run} has no checkpoint of step {Asked.Checkpoint}: `jf checkpoint ls {Source.Path}` lists those that it has.");
        try
        {
            return ForkedExperiment.Of(Only(planned), from, torn: _ => { }, $"{Upload.File}: forked from {Run}");
        }
        catch (BadInputException reasons)
        {
            throw Refused(reasons);
        }
    }

    /// <summary>Puts the checkpoints where the runs begin.</summary>
    public Action<ExperimentFolder> Copying(ForkedExperiment forked) => folder =>
    {
        try
        {
            forked.CopyCheckpoints(folder);
        }
        catch (BadInputException reasons)
        {
            throw Refused(reasons);
        }
    };

    private PlannedExperiment Only(PlannedExperiment planned) => planned.Runs.FirstOrDefault(plan => plan.Run == Asked.Run) is { } same
        ? planned with { Runs = [same with { Sweep = null }], Swept = [] }
        : planned;

    private ApiException Refused(BadInputException reasons) =>
        new(400, "It cannot be forked so", $"{Run} cannot be forked so. Nothing was begun.", [.. reasons.Message.Split(Environment.NewLine)]);
}
