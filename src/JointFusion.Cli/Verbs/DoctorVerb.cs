using System.CommandLine;
using System.Text.Json;
using JointFusion.Experiments;
using Spectre.Console;

namespace JointFusion.Cli;

/// <summary><c>jf doctor</c>: checks what a run would rest on, before it runs.</summary>
public sealed class DoctorVerb(CliContext context) : Verb
{
    public override IReadOnlyList<Example> Examples =>
    [
        new("jf doctor --parity experiments/quickstart.yaml", "prove that its workers together compute the gradient of the whole batch"),
    ];

    protected override Command Declare()
    {
        var parity = new Option<string>("--parity")
        {
            Description = "The experiment, a YAML file: compares, in float64 on a tiny batch, each parameter's gradient over its workers with that of "
                + "one process holding the whole batch, for each run and stage. Every run does so too when it starts.",
            HelpName = "SPEC",
            Required = true,
        };
        var json = new Option<bool>("--json") { Description = "Print the outcomes as JSON." };
        var command = new Command("doctor", "Check an experiment's gradients over its workers against one process with the whole batch.") { parity, json };
        command.SetAction(parsed => ParityAsync(parsed.GetRequiredValue(parity), parsed.GetValue(json)));
        return command;
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
