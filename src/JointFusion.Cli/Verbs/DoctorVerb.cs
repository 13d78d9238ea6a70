using System.CommandLine;
using System.Text.Json;
using JointFusion.Data;
using JointFusion.Experiments;
using Spectre.Console;

namespace JointFusion.Cli;

/// <summary><c>jf doctor</c>: checks what a deployment and a run rest on; copies a server's journal, and makes a lost one anew.</summary>
public sealed class DoctorVerb(CliContext context) : Verb
{
    private readonly Option<string?> parity = new("--parity")
    {
        Description = "The experiment, a YAML file: compares, in float64 on a tiny batch, each parameter's gradient over its workers with that of "
            + "one process holding the whole batch, for each run and stage. Every run does so too when it starts.",
        HelpName = "SPEC",
    };
    private readonly Option<bool> all = Listing.Option();
    private readonly Option<bool> json = new("--json") { Description = "Print the findings, or what --parity, --backup or --rebuild came to, as JSON." };
    private readonly Option<string?> backup = new("--backup")
    {
        Description = "Copy the journal of the server's root to this file, as it is at one moment; the server may run. To go back to it, end the server and put it in the place of journal.db.",
        HelpName = "FILE",
    };
    private readonly Option<string> root = ServerRoot.Option("The server's folder, what `jf serve --root` was given; also for --backup.");
    private readonly Option<string?> rebuild = new("--rebuild")
    {
        Description = "The root of a server that does not run and whose journal is lost: make it anew from what the runs' folders hold and what the server noted there. Runs with "
            + "results have succeeded; paused, cancelled and failed ones are so; all others are queued, and go on from their newest whole checkpoints, or are judged anew at the rung of "
            + "their sweep that they came to. Changed priorities, drains, quarantines and used device-hours stay. What is forgotten: earlier attempts and their reasons, how often a run has failed in vain, "
            + "and what happened in the last moments before the loss.",
        HelpName = "ROOT",
    };
    private readonly Option<string?> journal = JournalOption.Create();

    private readonly Option<bool> deployment = new("--deployment") { Description = "Check what a server or an agent on this machine rests on; also without any of the others." };
    private readonly Option<string?> certs = Membership.Certs();
    private readonly Option<string[]> dataRoots = new("--data-root") { Description = "Of the server, to be checked. Default: the data cache.", HelpName = "DIR" };
    private readonly Option<string> listen = new("--listen") { Description = "Of the server, to be checked.", HelpName = "URL", DefaultValueFactory = _ => "http://127.0.0.1:7420" };

    public override IReadOnlyList<Example> Examples =>
    [
        new("jf doctor --root /shared/experiments --certs certs", "check all that a server or an agent on this machine rests on, and what to mend"),
        new("jf doctor --parity experiments/quickstart.yaml", "prove that its workers together compute the gradient of the whole batch"),
        new("jf doctor --backup journal.backup --root experiments.served", "copy the journal of a server, which may run"),
        new("jf doctor --rebuild experiments.served", "after its loss: finished runs stay finished, others go on"),
    ];

    protected override Command Declare()
    {
        var command = new Command(
            "doctor",
            "Check this machine's deployment (root, disk, certificates, port, secrets, data, libtorch, journal) and say what to mend; or an experiment's "
            + "gradients over its workers against one process with the whole batch; copy or rebuild a server's journal.")
        {
            deployment, root, certs, dataRoots, listen, parity, all, json, backup, rebuild, journal,
        };
        command.Validators.Add(result =>
        {
            if (((Option[])[deployment, parity, backup, rebuild]).Count(option => result.GetResult(option) is { Implicit: false }) > 1)
                result.AddError("What is to be done? Give one of --deployment, --parity SPEC, --backup FILE and --rebuild ROOT.");
        });
        command.SetAction((parsed, cancel) =>
            parsed.GetValue(parity) is { } spec ? ParityAsync(spec, parsed.GetValue(json))
            : parsed.GetValue(backup) is { } copy ? BackupAsync(parsed.GetValue(root)!, copy, parsed.GetValue(json))
            : parsed.GetValue(rebuild) is { } lost ? RebuildAsync(Path.GetFullPath(lost), parsed, cancel)
            : ExamineAsync(parsed, cancel));
        return command;
    }

    private async Task<int> ExamineAsync(ParseResult parsed, CancellationToken cancel)
    {
        if (!Uri.TryCreate(parsed.GetValue(listen), UriKind.Absolute, out var url))
            throw new BadInputException($"--listen {parsed.GetValue(listen)}: not an address such as http://127.0.0.1:7420.");
        var server = new ServerRoot(Path.GetFullPath(parsed.GetValue(root)!));
        var data = parsed.GetValue(dataRoots) is { Length: > 0 } given ? given : [UserFolders.Cache];
        var doctor = new DeploymentDoctor(server, parsed.GetValue(certs), [.. data.Select(Path.GetFullPath)], url, JournalOption.Read(server.Path, parsed.GetValue(journal)));
        var findings = await doctor.ExamineAsync(cancel);
        if (parsed.GetValue(json))
            await context.RawOut.WriteLineAsync(JsonSerializer.Serialize(findings, JointFusionJson.File));
        else
            new Listing(context, parsed.GetValue(all)).WriteLines([.. findings.OrderByDescending(finding => finding.Health)], "findings", finding => $"{finding}".Split(Environment.NewLine));
        return findings.Any(finding => finding.Health == Health.Fail) ? ExitCode.Failed : ExitCode.Ok;
    }

    private async Task<int> BackupAsync(string from, string copy, bool asJson)
    {
        var events = JournalBackup.Write(from, copy);
        await context.RawOut.WriteLineAsync(asJson ? JsonSerializer.Serialize(new { File = copy, Events = events }, JointFusionJson.File) : $"{copy}: {events} events");
        return ExitCode.Ok;
    }

    private async Task<int> RebuildAsync(string lost, ParseResult parsed, CancellationToken cancel)
    {
        var place = JournalOption.Read(lost, parsed.GetValue(journal));
        var runs = await JournalRebuild.WriteAsync(lost, place, cancel);
        if (parsed.GetValue(json))
        {
            await context.RawOut.WriteLineAsync(JsonSerializer.Serialize(new { Journal = $"{place}", Runs = runs.Select(run => run.Row) }, JointFusionJson.File));
            return ExitCode.Ok;
        }
        new Listing(context, parsed.GetValue(all)).WriteLines(runs, "runs", run => [$"{run}"]);
        await context.RawOut.WriteLineAsync("Not known any more: earlier attempts and their reasons, how often runs have failed in vain, what was asked for in the last moments before the loss.");
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
