using static TorchSharp.torch;
using Device = TorchSharp.torch.Device;

namespace JointFusion.Retrieval;

/// <summary>A folder with a checkpoint, inputs, and the outputs that the reference implementation computed from them.</summary>
public static class GoldenSet
{
    /// <summary>Computes every case in float32 and compares every output.</summary>
    /// <exception cref="CheckpointException">A file is missing or cannot be used.</exception>
    public static GoldenReport Check(string folder, Device device)
    {
        var manifestPath = Path.Combine(folder, "manifest.json");
        var manifest = GoldenManifest.Read(manifestPath);
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        using var inputs = SafetensorsReader.Open(Path.Combine(folder, "inputs.safetensors"));
        using var outputs = SafetensorsReader.Open(Path.Combine(folder, "outputs.safetensors"));
        var unlisted = outputs.Tensors.Select(tensor => tensor.Name).Except(manifest.Cases.SelectMany(@case => @case.Outputs.Keys)).ToArray();
        if (unlisted.Length > 0)
            throw new CheckpointException(manifestPath, $"does not say how to compare {string.Join(", ", unlisted)}.");
        using var backbone = Backbone.Load(folder, ScalarType.Float32, device, languageHead: true);
        try
        {
            return new GoldenReport(
                manifest.Set, manifest.ModelClass, manifest.TransformersVersion, [.. manifest.Cases.Select(@case => Check(backbone, @case, inputs, outputs, device))]);
        }
        catch (FormatException e)
        {
            throw new CheckpointException(manifestPath, $"cannot be followed: {e.Message}.", e);
        }
    }

    private static GoldenCaseReport Check(Backbone backbone, GoldenCase @case, SafetensorsReader inputs, SafetensorsReader outputs, Device device)
    {
        using var scope = NewDisposeScope();
        var trace = new Trace();
        string? fault = null;
        try
        {
            backbone.Run(BackboneInputs.Of(@case.Inputs.ToDictionary(pair => pair.Key, pair => inputs.Read(pair.Value).to(device))), trace);
        }
        catch (ArgumentException e)
        {
            fault = e.Message;
        }
        return new GoldenCaseReport(@case.Name, fault, [.. @case.Outputs.Select(output => Compare(output.Key, output.Value))]);

        TensorComparison Compare(string name, GoldenOutput golden) => TensorComparison.Of(
            name,
            name.StartsWith($"{@case.Name}.", StringComparison.Ordinal) ? trace.Tensors.GetValueOrDefault(name[(@case.Name.Length + 1)..]) : null,
            outputs.Read(name),
            golden,
            golden.Mask is { } mask ? inputs.Read(mask) : null);
    }
}
