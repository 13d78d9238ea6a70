using System.Globalization;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>What an export of a retriever over a published model holds beside its config.</summary>
/// <remarks>
/// <code>
///   backbone/          a checkpoint folder in Hugging Face's layout, every adapter merged
///   adapters/1-adapt/  each stage's adapters in PEFT's layout: apply the first to the published model, merge it, apply the next
///   model.safetensors  what is neither: temperature, bias, a fusion tower
/// </code>
/// </remarks>
internal static class BackboneExport
{
    /// <param name="target">To be filled.</param>
    /// <returns>Every file, by its path within the target.</returns>
    /// <exception cref="CheckpointException">The checkpoint or the published model cannot be used.</exception>
    public static IReadOnlyList<CheckpointFile> Write(RunPlan plan, RunFolder run, CheckpointManifest manifest, ExportFolder target)
    {
        using var scope = NewDisposeScope();
        using var state = new TrainingState(plan, CPU, LocalProcessGroup.Create(1)[0]);
        var backbone = state.Retriever.Backbone!;
        var source = plan.Retriever.Backbone!.Folder;
        using var saved = SafetensorsReader.Open(Path.Combine(run.Checkpoint(manifest.Step), CheckpointNames.Weights));
        var written = 0;
        var last = plan.Stages[0];
        StateWeights.Restore(state, plan, saved, manifest.FromFolder, stage =>
        {
            SaveAdapters(last);
            last = stage;
        });
        if (last.Adapters is not null)
            SaveAdapters(last);
        Lora.Merge(backbone);
        BackboneFolder.Save(backbone, source, target.Backbone);
        WriteOthers(state.Retriever, target);
        return [.. Directory.GetFiles(target.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(file => FileCheck.Record(target.Path, file))];

        void SaveAdapters(StagePlan stage)
        {
            written++;
            var folder = Path.Combine(target.Adapters, string.Create(CultureInfo.InvariantCulture, $"{written}-{stage.Spec.Name}"));
            PeftFolder.Save(folder, backbone, LoraSpec.Of(stage.Adapters!), Path.GetFileName(Path.TrimEndingDirectorySeparator(source)));
        }
    }

    /// <summary>Parameters of a retriever that its backbone has not.</summary>
    public static IEnumerable<NamedTensor> Others(Retriever retriever)
    {
        var inside = retriever.Backbone!.parameters().Select(parameter => parameter.Handle).ToHashSet();
        return retriever.named_parameters().Where(pair => !inside.Contains(pair.parameter.Handle)).Select(pair => new NamedTensor(pair.name, pair.parameter));
    }

    private static void WriteOthers(Retriever retriever, ExportFolder target)
    {
        using var _ = no_grad();
        using var stream = File.Create(target.Weights);
        SafetensorsWriter.Write(stream, Others(retriever).Select(named => named with { Tensor = named.Tensor.detach().cpu().contiguous() }));
    }
}
