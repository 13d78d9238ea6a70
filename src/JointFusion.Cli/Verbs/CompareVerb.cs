using System.CommandLine;
using System.Text.Json;
using JointFusion.Dashboard;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary><c>jf compare</c>: evaluated runs side by side.</summary>
public sealed class CompareVerb(CliContext context) : Verb
{
    private readonly Argument<string[]> runs = new("RUN")
    {
        Description = "Runs' folders, an experiment's for all its runs, or folders of 'jf eval --out'. The first run is what the others are held against.",
        Arity = ArgumentArity.OneOrMore,
    };
    private readonly Option<string?> split = new("--split") { Description = "Of the table. Default: test, or the first that there is.", HelpName = "NAME" };
    private readonly Option<string> pool = Pool();
    private readonly Option<bool> all = Listing.Option();
    private readonly Option<bool> json = new("--json") { Description = "Print every row, of all splits, pools, metrics and conditions, as JSON." };

    public override IReadOnlyList<Example> Examples =>
    [
        new("jf compare runs/quickstart-<time>", "all runs of an experiment"),
        new("jf compare runs/first-<time>/runs/early runs/second-<time>/runs/early --split unseen", "runs of two experiments, on another split"),
        new("jf compare runs/quickstart-<time>/runs/early evaluated --json", "a run and a folder of 'jf eval --out', for scripts"),
    ];

    protected override Command Declare()
    {
        var command = new Command(
            "compare",
            "Show evaluated runs side by side, and each one's paired difference from the first with its 95% interval by concept. Rows whose conditions differ are named, not subtracted.")
        {
            runs, split, pool, all, json,
        };
        command.SetAction(parsed => CheckpointVerb.Guarded(() => Run(parsed)));
        return command;
    }

    private static Option<string> Pool()
    {
        var option = new Option<string>("--pool") { Description = "Of the table.", HelpName = "local|global", DefaultValueFactory = _ => "local" };
        option.AcceptOnlyFromAmong("local", "global");
        return option;
    }

    private int Run(ParseResult parsed)
    {
        var read = EvaluatedFolders.Read(parsed.GetRequiredValue(runs));
        if (read.Length < 2)
            throw new BadInputException($"{read[0].Name} alone: there is nothing to compare it with. Name a second run.");
        if (parsed.GetValue(json))
        {
            context.RawOut.WriteLine(JsonSerializer.Serialize(SideBySide.Of(read), JointFusionJson.File));
            return ExitCode.Ok;
        }
        var splits = read.SelectMany(run => run.Rows).Select(row => row.Split).Distinct().Order(StringComparer.Ordinal).ToArray();
        var shown = parsed.GetValue(split) ?? (splits.Contains("test") ? "test" : splits[0]);
        if (!splits.Contains(shown))
            throw new BadInputException($"--split {shown}: none of these runs was evaluated on it; there are {string.Join(", ", splits)}.");
        ComparisonView.Write(new Listing(context, parsed.GetValue(all)), read, shown, parsed.GetValue(pool) == "global" ? PoolKind.Global : PoolKind.Local, splits);
        return ExitCode.Ok;
    }
}
