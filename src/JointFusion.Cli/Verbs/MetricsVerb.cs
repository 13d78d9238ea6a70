using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary><c>jf metrics</c>: what runs have measured, shown or in the formats of other programs.</summary>
public sealed class MetricsVerb(CliContext context) : Verb
{
    private readonly Argument<string> folder = new("RUN") { Description = "A run's folder, or an experiment's for all its runs; they may still be going." };
    private readonly Option<string?> tensorBoard = new("--tensorboard") { Description = "Write event files there, a folder a run, for: tensorboard --logdir DIR", HelpName = "DIR" };
    private readonly Option<string?> mlflow = new("--mlflow") { Description = "Write the runs there as MLflow's file store, for: mlflow ui --backend-store-uri DIR", HelpName = "DIR" };
    private readonly Option<bool> csv = new("--csv") { Description = "Print every step as CSV." };
    private readonly Option<bool> json = new("--json") { Description = "Print every step as JSON, as metrics.jsonl has it." };

    public override IReadOnlyList<Example> Examples =>
    [
        new("jf metrics runs/quickstart-<time>/runs/early", "one screen of a run's steps"),
        new("jf metrics runs/quickstart-<time> --tensorboard board", "all runs as event files of TensorBoard"),
        new("jf metrics runs/quickstart-<time> --mlflow mlruns", "all runs for MLflow"),
        new("jf metrics runs/quickstart-<time>/runs/early --csv > early.csv", "for a spreadsheet"),
    ];

    protected override Command Declare()
    {
        var command = new Command("metrics", "Show what a run has measured step by step, or write it for TensorBoard, MLflow or a spreadsheet.") { folder, tensorBoard, mlflow, csv, json };
        command.Validators.Add(CheckTogether);
        command.SetAction(parsed => CheckpointVerb.Guarded(() => Run(parsed)));
        return command;
    }

    private void CheckTogether(CommandResult parsed)
    {
        if (parsed.GetValue(csv) && parsed.GetValue(json))
            parsed.AddError("--csv and --json both print: choose one.");
    }

    private int Run(ParseResult parsed)
    {
        ImmutableArray<RunSeries> runs = [.. CheckpointFolders.Runs(parsed.GetRequiredValue(folder)).Select(RunSeries.Read)];
        if (parsed.GetValue(tensorBoard) is { } board)
            WriteEvents(board, runs);
        if (parsed.GetValue(mlflow) is { } store)
            foreach (var run in runs)
                context.Error.WriteLine($"{run.Plan.Run}: {new MlflowFolder(Path.GetFullPath(store)).Write(run)}");
        if (parsed.GetValue(csv))
            MetricsCsv.Write(context.RawOut, runs);
        else if (parsed.GetValue(json))
            context.RawOut.WriteLine(JsonSerializer.Serialize(runs.SelectMany(run => run.Steps), JointFusionJson.File));
        else if (parsed.GetValue(tensorBoard) is null && parsed.GetValue(mlflow) is null)
            Show(runs);
        return ExitCode.Ok;
    }

    private void Show(ImmutableArray<RunSeries> runs)
    {
        if (runs.Length > 1)
            throw new BadInputException($"{runs.Length} runs: name one of them to see its steps ({string.Join(", ", runs.Select(run => run.Plan.Run))}), or all with --csv, --json, --tensorboard or --mlflow.");
        MetricsView.Write(context.Out, runs[0]);
    }

    private void WriteEvents(string board, ImmutableArray<RunSeries> runs)
    {
        foreach (var run in runs)
        {
            var of = Directory.CreateDirectory(Path.Combine(Path.GetFullPath(board), run.Plan.Run)).FullName;
            var path = Path.Combine(of, TensorBoardFile.NameAt(run.Steps[0].At));
            using (var stream = File.Create($"{path}.tmp"))
                TensorBoardFile.Write(stream, [.. run.Scalars()]);
            File.Move($"{path}.tmp", path, overwrite: true);
            context.Error.WriteLine($"{run.Plan.Run}: {path}");
        }
    }
}
