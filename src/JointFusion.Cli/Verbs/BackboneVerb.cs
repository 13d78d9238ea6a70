using System.CommandLine;
using System.Text.Json;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using Device = TorchSharp.torch.Device;

namespace JointFusion.Cli;

/// <summary><c>jf backbone</c>: published models from their checkpoint folders.</summary>
public sealed class BackboneVerb(CliContext context) : Verb
{
    public override IReadOnlyList<Example> Examples =>
    [
        new("jf backbone check goldens/qwen2_vl", "compare what a checkpoint computes here with the outputs of the reference implementation beside it"),
    ];

    protected override Command Declare() => new("backbone", "Check published models in Hugging Face's checkpoint layout against the reference implementation.") { Check() };

    private Command Check()
    {
        var folder = new Argument<string>("FOLDER")
        {
            Description = "A checkpoint (config.json, weights) with inputs.safetensors, outputs.safetensors and manifest.json beside, or a folder of such folders.",
        };
        var device = SavedRetrievers.DeviceOption();
        var all = Listing.Option();
        var json = new Option<bool>("--json") { Description = "Print the comparisons as JSON." };
        var command = new Command(
            "check", $"Compute every case in float32 and print each tensor's largest error beside its tolerance. Exit code {ExitCode.Failed} if one fails.")
        {
            folder,
            device,
            all,
            json,
        };
        command.SetAction(parsed => CheckpointVerb.Guarded(() => Check(parsed.GetRequiredValue(folder), SavedRetrievers.On(SavedRetrievers.DeviceOf(parsed.GetValue(device))), new Listing(context, parsed.GetValue(all)), parsed.GetValue(json))));
        return command;
    }

    private int Check(string folder, Device device, Listing list, bool asJson)
    {
        GoldenReport[] reports = [.. Sets(folder).Select(set => GoldenSet.Check(set, device))];
        if (asJson)
            context.RawOut.WriteLine(JsonSerializer.Serialize(reports, JointFusionJson.File));
        else
            GoldenView.Write(list, reports);
        return Array.TrueForAll(reports, report => report.Holds) ? ExitCode.Ok : ExitCode.Failed;
    }

    /// <summary>The folder itself, or those in it that hold a checkpoint.</summary>
    private static IReadOnlyList<string> Sets(string folder)
    {
        if (!Directory.Exists(folder))
            throw new BadInputException($"{folder}: there is no such folder.");
        if (File.Exists(Path.Combine(folder, "config.json")))
            return [folder];
        string[] sets = [.. Directory.GetDirectories(folder).Where(set => File.Exists(Path.Combine(set, "config.json"))).Order(StringComparer.Ordinal)];
        return sets.Length > 0 ? sets : throw new BadInputException($"{folder}: holds no config.json, and no folder in it does. Give a checkpoint folder with golden outputs.");
    }
}
