using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary><c>jf drill</c>: breaks a scratch cluster in every way that it is to survive, and shows what became of the run.</summary>
/// <remarks>Where it may, this process starts itself again in namespaces of its own, which takes <see cref="folder"/>.</remarks>
public sealed class DrillVerb(CliContext context) : Verb
{
    private const string Name = "drill", JsonOption = "--json", FolderOption = "--folder", KeepOption = "--keep";

    private readonly Argument<string[]> names = new("NAME") { Description = "Drills to run; none: all. See --list.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<bool> list = new("--list") { Description = "Print the drills and what each of them breaks." };
    private readonly Option<bool> json = new(JsonOption) { Description = "Print the verdicts, or the list, as JSON." };
    private readonly Option<bool> keep = new(KeepOption) { Description = "Leave the clusters' folders, with runs, journal and logs. They are left too where a fault was not survived." };
    private readonly Option<string?> folder = new(FolderOption) { Description = "Of this drill, in namespaces of its own.", Hidden = true };

    public override IReadOnlyList<Example> Examples =>
    [
        new("jf drill", "all drills, some five minutes on two cores"),
        new("jf drill kill-worker cut-links --keep", "these two, and leave what they made"),
        new("jf drill --list", "what there is"),
    ];

    protected override Command Declare()
    {
        var command = new Command(
            Name,
            "Start a scratch cluster of real processes on this machine, break it in one way after another while it trains, and compute from journal, ledger and weights what "
            + "each fault cost: beside a run that nothing disturbed, the result is to be the same to the last bit. Exit code 1 if a fault was not survived, or recovery took too long. "
            + "Ctrl-C ends all of it.")
        {
            names, list, json, keep, folder,
        };
        command.SetAction((parsed, _) => RunAsync(parsed));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        var drills = AllDrills.Named(parsed.GetValue(names) ?? []);
        if (parsed.GetValue(list))
        {
            if (parsed.GetValue(json))
                await context.RawOut.WriteLineAsync(JsonSerializer.Serialize(drills.Select(drill => new { drill.Name, drill.Summary }), JointFusionJson.File));
            else
                foreach (var drill in drills)
                    await context.RawOut.WriteLineAsync($"{drill.Name,-20}{drill.Summary}");
            return ExitCode.Ok;
        }
        using var interruption = new Interruption();
        if (parsed.GetValue(folder) is { } own)
            return await DrillAsync(drills, own, await NamespaceMachines.CreateAsync(), null, parsed.GetValue(json), interruption.Requested);
        if (!OperatingSystem.IsLinux())
            throw new BadInputException("jf drill: needs Linux, whose signals and namespaces it breaks things with.");
        context.Data.Prepare(DrillExperiment.Spec.Data);
        return await InFolderAsync(drills, parsed, interruption.Requested);
    }

    private async Task<int> InFolderAsync(ImmutableArray<IDrill> drills, ParseResult parsed, CancellationToken stop)
    {
        var scratch = Directory.CreateTempSubdirectory("jf-drill-").FullName;
        var left = parsed.GetValue(keep);
        try
        {
            var noNamespaces = await OwnNamespaces.FaultAsync();
            var asJson = parsed.GetValue(json);
            var exitCode = noNamespaces is null
                ? await OwnNamespaces.RunAsync([Name, .. drills.Select(drill => drill.Name), FolderOption, scratch, .. asJson ? [JsonOption] : (string[])[]], stop)
                : await DrillAsync(drills, scratch, new LoopbackMachines(), noNamespaces, asJson, stop);
            left |= exitCode != ExitCode.Ok;
            return exitCode;
        }
        finally
        {
            if (left)
                await context.Error.WriteLineAsync($"Left in {scratch}");
            else
                Directory.Delete(scratch, recursive: true);
        }
    }

    /// <param name="noNamespaces">Why there are none; null: this process is in some of its own.</param>
    private async Task<int> DrillAsync(ImmutableArray<IDrill> drills, string scratch, IMachines machines, string? noNamespaces, bool asJson, CancellationToken stop)
    {
        await using var disposed = machines;
        await using var runner = new DrillRunner(scratch, machines, noNamespaces, context.Error.WriteLine);
        ImmutableArray<DrillVerdict> verdicts;
        try
        {
            verdicts = await runner.RunAsync(drills, stop);
        }
        catch (DrillException broken)
        {
            await context.Error.WriteLineAsync(broken.Message);
            return ExitCode.Failed;
        }
        if (asJson)
            await context.RawOut.WriteLineAsync(JsonSerializer.Serialize(verdicts, JointFusionJson.File));
        else
            DrillView.Write(context.Out, verdicts);
        return verdicts.Any(verdict => verdict.Failed) ? ExitCode.Failed : ExitCode.Ok;
    }
}
