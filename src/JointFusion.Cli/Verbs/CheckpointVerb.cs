using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;

namespace JointFusion.Cli;

/// <summary><c>jf checkpoint</c>: list, verify and bring back what runs have saved, or make a retriever of it that stands alone.</summary>
public sealed class CheckpointVerb(CliContext context) : Verb
{
    public override IReadOnlyList<Example> Examples =>
    [
        new("jf checkpoint ls runs/quickstart-<time>", "list the checkpoints of all runs of an experiment"),
        new("jf checkpoint verify runs/quickstart-<time>", "read every byte of them; 1 if one is torn"),
        new("jf checkpoint export runs/quickstart-<time>/runs/early --out early", "the newest as a folder that can be used alone"),
        new("jf checkpoint ls s3://bucket/prefix/quickstart-<time>", "list what checkpoints.mirror has copied to storage"),
        new("jf checkpoint pull s3://bucket/prefix/quickstart-<time>", "bring it to runs/ of this machine, to go on with jf run --resume"),
    ];

    protected override Command Declare() =>
        new("checkpoint", "List, verify or pull the checkpoints of runs, or export one as a retriever that needs neither run nor data.")
        {
            List(), Verify(), Export(), new CheckpointPull(context).Declare(),
        };

    private Command List()
    {
        var folder = new Argument<string>("RUN_DIR") { Description = "A run's folder, or an experiment's for all its runs; s3://BUCKET/PREFIX/EXPERIMENT for its mirror." };
        var all = Listing.Option();
        var json = new Option<bool>("--json") { Description = "Print them as JSON." };
        var command = new Command("ls", "List checkpoints: run, step, stage, ledger, size, and whether they are whole by manifests and sizes.") { folder, all, json };
        command.SetAction(parsed => Guarded(() =>
        {
            var path = parsed.GetRequiredValue(folder);
            var list = new Listing(context, parsed.GetValue(all));
            if (StorageAddress.Looks(path))
                Show(path, MirroredRow.List(path), parsed.GetValue(json), rows => CheckpointView.Write(list, rows));
            else
                Show(path, CheckpointFolders.List(path), parsed.GetValue(json), rows => CheckpointView.Write(list, rows));
            return ExitCode.Ok;
        }));
        return command;
    }

    private void Show<T>(string path, ImmutableArray<T> rows, bool asJson, Action<ImmutableArray<T>> write)
    {
        if (asJson)
            PrintJson(rows);
        else if (rows.IsEmpty)
            context.RawOut.WriteLine($"{path}: no checkpoints yet.");
        else
            write(rows);
    }

    private Command Verify()
    {
        var folder = new Argument<string>("DIR") { Description = "A checkpoint (step-NNNNNN), a run's folder, or an experiment's." };
        var all = Listing.Option();
        var json = new Option<bool>("--json") { Description = "Print the verdicts as JSON." };
        var command = new Command("verify", $"Read every byte of checkpoints, and of the published model that they leave frozen weights to, and name each fault. Exit code {ExitCode.Failed} if one is torn.") { folder, all, json };
        command.SetAction(parsed => Guarded(() =>
        {
            var rows = CheckpointFolders.Verify(parsed.GetRequiredValue(folder));
            if (parsed.GetValue(json))
                PrintJson(rows);
            else
                CheckpointView.WriteVerdicts(new Listing(context, parsed.GetValue(all)), rows);
            return rows.All(row => row.Whole) ? ExitCode.Ok : ExitCode.Failed;
        }));
        return command;
    }

    private Command Export()
    {
        var checkpoint = new Argument<string>("CHECKPOINT_DIR") { Description = "A checkpoint (step-NNNNNN), or a run's folder for its newest whole one." };
        var output = new Option<string>("--out") { Description = "Folder to write, which must be empty or not there.", HelpName = "DIR", Required = true };
        var json = new Option<bool>("--json") { Description = "Print the folder and its config as JSON." };
        var command = new Command("export", "Write weights (safetensors), config and vocabulary of a checkpoint into a folder that can be used alone; over a published model, backbone/ in Hugging Face's "
            + "layout with all adapters merged, and adapters/ in PEFT's, a folder a stage.")
        {
            checkpoint,
            output,
            json,
        };
        command.SetAction(parsed => Guarded(() =>
        {
            Export(parsed.GetRequiredValue(checkpoint), parsed.GetRequiredValue(output), parsed.GetValue(json));
            return ExitCode.Ok;
        }));
        return command;
    }

    private void Export(string checkpoint, string output, bool asJson)
    {
        var (run, step) = CheckpointFolders.One(checkpoint, torn => context.Error.WriteLine($"{torn.Fault!.Message} Passed over."));
        var plan = PlanFile.Read(run);
        var config = Export(plan, run, step, output);
        var folder = Path.GetFullPath(output);
        if (asJson)
        {
            PrintJson(new { Folder = folder, Config = config });
            return;
        }
        context.RawOut.WriteLine(folder);
        context.RawOut.WriteLine(
            $"{config.Experiment}, run {config.Run}, step {config.Step} ({config.Stage}): {config.Retriever.Parameters:N0} parameters, science {config.ScienceHash}");
        foreach (var file in config.Files)
            context.RawOut.WriteLine($"{file.Name}: {file.Bytes:N0} bytes, SHA-256 {file.Sha256}");
    }

    private static ExportConfig Export(RunPlan plan, RunFolder run, int step, string output)
    {
        try
        {
            return new RetrieverExporter(plan, run).Export(step, output);
        }
        catch (CheckpointException fault) when (fault.Path.StartsWith(run.Checkpoint(step), StringComparison.Ordinal))
        {
            throw new BadInputException($"{fault.Message}{Environment.NewLine}Name another checkpoint, or {run.Path} for its newest whole one.");
        }
        catch (DataException fault) when (!Directory.Exists(plan.Data.Root))
        {
            throw new BadInputException(
                $"{fault.Message}{Environment.NewLine}An export copies the vocabulary of the data set that the run was planned on. Bring {plan.Data.Root} back"
                + (plan.Data.Source.IsBuilt() ? $": jf data {plan.Data.Source.ToString().ToLowerInvariant()} --out {plan.Data.Root}" : "."));
        }
    }

    /// <summary>What the disk, storage, a checkpoint or the data refuse is the user's to put right.</summary>
    internal static int Guarded(Func<int> act)
    {
        try
        {
            return act();
        }
        catch (Exception fault) when (fault is CheckpointException or DataException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(fault.Message);
        }
    }

    /// <inheritdoc cref="Guarded"/>
    internal static async Task<int> GuardedAsync(Func<Task<int>> act)
    {
        try
        {
            return await act();
        }
        catch (Exception fault) when (fault is CheckpointException or DataException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(fault.Message);
        }
    }

    private void PrintJson<T>(T value) => context.RawOut.WriteLine(JsonSerializer.Serialize(value, JointFusionJson.File));
}
