using System.CommandLine;
using System.Text.Json;
using JointFusion.Data;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary><c>jf data</c>: make a set that is built here ready, or find every fault of a folder in M-BEIR layout.</summary>
public sealed class DataVerb(CliContext context) : Verb
{
    public override IReadOnlyList<Example> Examples =>
    [
        new("jf data icons", "build the icons set into the cache, if it is not there"),
        new("jf data icons --out icons", "build it into a folder of your own"),
        new("jf data emoji", "the same for the emoji set; its drawings come through npm, once"),
        new("jf data check /data/M-BEIR", "list every fault of a folder in M-BEIR layout, or of pair files"),
    ];

    protected override Command Declare() => new("data", "Build the icons or the emoji data set, or check a folder in M-BEIR layout or of pair files.")
    {
        Set(DataSource.Icons, "Build the icons set in M-BEIR layout from the package that came with jf."),
        Set(DataSource.Emoji, "Build the emoji set in M-BEIR layout, in colour and with all eight tasks, from three npm packages."),
        Check(),
    };

    private Command Set(DataSource source, string description)
    {
        var output = new Option<string?>("--out") { Description = "Folder to build into; default: the cache.", HelpName = "DIR" };
        var json = new Option<bool>("--json") { Description = "Print the summary as JSON." };
        var command = new Command(source.ToString().ToLowerInvariant(), description) { output, json };
        command.SetAction(parsed =>
        {
            Print(DataCatalog.Build(source, parsed.GetValue(output), context.Error), parsed.GetValue(json));
            return ExitCode.Ok;
        });
        return command;
    }

    private Command Check()
    {
        var root = new Argument<string>("ROOT") { Description = "A folder in M-BEIR layout, or of pair files: train.jsonl and others." };
        var hashes = new Option<bool>("--verify") { Description = "Also compare every file with the hashes of its manifest, if it has one, and decode every picture." };
        var all = Listing.Option();
        var json = new Option<bool>("--json") { Description = "Print the faults as JSON." };
        var command = new Command("check", "List every fault of a data set, each with its file and line.") { root, hashes, all, json };
        command.SetAction(parsed => Report(parsed.GetRequiredValue(root), parsed.GetValue(hashes), new Listing(context, parsed.GetValue(all)), parsed.GetValue(json)));
        return command;
    }

    private void Print(DataSummary summary, bool asJson)
    {
        if (asJson)
        {
            context.RawOut.WriteLine(JsonSerializer.Serialize(summary, JointFusionJson.File));
            return;
        }
        context.RawOut.WriteLine(summary.Root);
        context.RawOut.WriteLine($"manifest {summary.ManifestHash}, vocabulary {summary.VocabularySize:N0}, splits {string.Join(", ", summary.Splits)}");
        foreach (var (task, queries) in summary.TrainQueries)
            context.RawOut.WriteLine($"task {task}: {queries:N0} training queries");
    }

    private int Report(string root, bool hashes, Listing list, bool asJson)
    {
        var faults = MbeirChecker.Check(root, hashes);
        if (asJson)
            context.RawOut.WriteLine(JsonSerializer.Serialize(faults, JointFusionJson.File));
        else
            list.WriteLines(faults, "faults", fault => [fault.ToString()], faults.IsEmpty ? $"{root}: no faults." : $"{root}: {faults.Length} faults.");
        return faults.IsEmpty ? ExitCode.Ok : ExitCode.BadInput;
    }
}
