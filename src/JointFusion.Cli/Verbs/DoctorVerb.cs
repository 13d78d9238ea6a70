using System.CommandLine;
using System.Text.Json;
using JointFusion.Experiments;
using Spectre.Console;

namespace JointFusion.Cli;

/// <summary><c>jf doctor</c>: checks what a run would rest on, before it runs; copies a server's journal, and makes a lost one anew.</summary>
public sealed class DoctorVerb(CliContext context) : Verb
{
    private readonly Option<string?> parity = new("--parity")
    {
        Description = "The experiment, a YAML file: compares, in float64 on a tiny batch, each parameter's gradient over its workers with that of "
            + "one process holding the whole batch, for each run and stage. Every run does so too when it starts.",
        HelpName = "SPEC",
    };
    private readonly Option<bool> json = new("--json") { Description = "Print the outcomes of --parity as JSON." };
    private readonly Option<string?> backup = new("--backup")
    {
        Description = "Copy the journal of the server's root to this file, as it is at one moment; the server may run. To go back to it, end the server and put it in the place of journal.db.",
        HelpName = "FILE",
    };
    private readonly Option<string> root = new("--root") { Description = "Of the server, for --backup.", HelpName = "DIR", DefaultValueFactory = _ => "experiments.served" };
    private readonly Option<string?> rebuild = new("--rebuild")
    {
        Description = "The root of a server that does not run and whose journal is lost: make it anew from the runs' folders. Runs with results have succeeded; all "
            + "others are queued, paused and cancelled ones too, and go on from their newest whole checkpoints.",
        HelpName = "ROOT",
    };
    private readonly Option<string?> journal = JournalOption.Create();

    public override IReadOnlyList<Example> Examples =>
    [
        new("jf doctor --parity experiments/quickstart.yaml", "prove that its workers together compute the gradient of the whole batch"),
        new("jf doctor --backup journal.backup --root experiments.served", "copy the journal of a server, which may run"),
        new("jf doctor --rebuild experiments.served", "after its loss: finished runs stay finished, others go on"),
    ];

    protected override Command Declare()
    {
        var command = new Command("doctor", "Check an experiment's gradients over its workers against one process with the whole batch; copy or rebuild a server's journal.")
        {
            parity, json, backup, root, rebuild, journal,
        };
        command.Validators.Add(result =>
        {
            if (((Option[])[parity, backup, rebuild]).Count(option => result.GetResult(option) is { Implicit: false }) != 1)
                result.AddError("What is to be done? Give one of --parity SPEC, --backup FILE and --rebuild ROOT.");
        });
        command.SetAction((parsed, cancel) =>
            parsed.GetValue(parity) is { } spec ? ParityAsync(spec, parsed.GetValue(json))
            : parsed.GetValue(backup) is { } copy ? BackupAsync(parsed.GetValue(root)!, copy)
            : RebuildAsync(Path.GetFullPath(parsed.GetValue(rebuild)!), parsed.GetValue(journal), cancel));
        return command;
    }

    private async Task<int> BackupAsync(string from, string copy)
    {
        var events = JournalBackup.Write(from, copy);
        await context.RawOut.WriteLineAsync($"{copy}: {events} events");
        return ExitCode.Ok;
    }

    private async Task<int> RebuildAsync(string lost, string? connection, CancellationToken cancel)
    {
        var place = JournalOption.Read(lost, connection);
        var runs = await JournalRebuild.WriteAsync(lost, place, cancel);
        foreach (var run in runs)
            await context.RawOut.WriteLineAsync($"{run}");
        await context.RawOut.WriteLineAsync($"{place}: {runs.Length} runs, {runs.Count(run => run.HasSucceeded)} of them succeeded. Start the server again: jf serve --root {lost}");
        return ExitCode.Ok;
    }

    private async Task<int> ParityAsync(string specPath, bool asJson)
    {
        var planned = SpecPlanner.Plan(specPath, context.Data, context.Cores);
        DeviceCheck.Require(planned.Runs);
        var checks = new List<ParityCheck>();
        foreach (var run in planned.Runs)
            checks.AddRange(await ParityCheck.OfAsync(run));
        if (asJson)
            await context.RawOut.WriteLineAsync(JsonSerializer.Serialize(checks, JointFusionJson.File));
        else
            Write(checks);
        return checks.TrueForAll(check => check.Holds) ? ExitCode.Ok : ExitCode.Failed;
    }

    private void Write(List<ParityCheck> checks)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Run", "Stage", "Ranks", "Worst parameter", "Difference", "Gradient");
        foreach (var check in checks)
            table.AddRow(
                Markup.Escape(check.Run), Markup.Escape(check.Stage), $"{check.Ranks}", Markup.Escape(check.Parameter), $"{check.Difference:0.0e-0}",
                check.Holds ? "equal" : "[red]WRONG[/]");
        context.Out.Write(table);
    }
}
