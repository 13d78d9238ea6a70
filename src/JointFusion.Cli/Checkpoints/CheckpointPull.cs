using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using JointFusion.Experiments;
using JointFusion.Training;

namespace JointFusion.Cli;

/// <summary><c>jf checkpoint pull</c>: an experiment from its mirror to a machine that has never seen it.</summary>
internal sealed class CheckpointPull(CliContext context)
{
    public Command Declare()
    {
        var address = new Argument<string>("ADDRESS") { Description = "s3://BUCKET/PREFIX/EXPERIMENT: checkpoints.mirror of the spec, and the name of the experiment's folder." };
        var output = new Option<string>("--out") { Description = "Where the experiment's folder is made.", HelpName = "DIR", DefaultValueFactory = _ => "runs" };
        var json = new Option<bool>("--json") { Description = "Print the folder and its runs as JSON." };
        var command = new Command("pull", "Bring an experiment back from its mirror: spec, plans, metrics and each run's newest checkpoint, read to the last byte.")
        {
            address,
            output,
            json,
        };
        command.SetAction(parsed => CheckpointVerb.Guarded(() =>
        {
            Pull(MirroredRow.Address(parsed.GetRequiredValue(address)), parsed.GetValue(output)!, parsed.GetValue(json));
            return ExitCode.Ok;
        }));
        return command;
    }

    private void Pull(StorageAddress address, string output, bool asJson)
    {
        var folder = new ExperimentFolder(Path.GetFullPath(Path.Combine(output, address.Prefix.Split('/')[^1])));
        using var interruption = new Interruption();
        using var experiment = new MirroredExperiment(address);
        ImmutableArray<CheckpointEntry> pulled;
        using (var view = new PullProgressView(context.Error))
            pulled = experiment.Pull(folder, view.Report, torn => view.Say($"{torn.Fault!.Message} Passed over."), interruption.Requested);
        Tell(folder, pulled, asJson);
    }

    private void Tell(ExperimentFolder folder, ImmutableArray<CheckpointEntry> pulled, bool asJson)
    {
        var plans = Directory.GetDirectories(folder.Runs).Order(StringComparer.Ordinal).Select(run => PlanFile.Read(new RunFolder(run))).ToArray();
        var runs = plans.Select(plan => PulledRun.Of(plan.Run, pulled.FirstOrDefault(entry => entry.Manifest!.Run == plan.Run))).ToArray();
        if (asJson)
        {
            context.RawOut.WriteLine(JsonSerializer.Serialize(new { Folder = folder.Path, Runs = runs }, JointFusionJson.File));
            return;
        }
        context.RawOut.WriteLine(folder.Path);
        foreach (var (plan, run) in plans.Zip(runs))
            context.RawOut.WriteLine(run.InWords(plan));
        if (plans.FirstOrDefault(plan => !Directory.Exists(plan.Data.Root))?.Data is { } data)
        {
            context.RawOut.WriteLine(data.Source.IsBuilt()
                ? $"Its data set is not at {data.Root} of this machine. This plans it with one that is: jf run {folder.Spec} --resume {folder.Path}"
                : $"Its data set is not at {data.Root} of this machine. Bring it there, or correct data.root in {folder.Spec}, and: jf run {folder.Spec} --resume {folder.Path}");
        }
        else
            context.RawOut.WriteLine($"To go on: jf run --resume {folder.Path}");
    }
}
