using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>An adapter in PEFT's layout: adapter_config.json and adapter_model.safetensors (or .bin), under its names.</summary>
public static class PeftFolder
{
    private const string Config = "adapter_config.json", Weights = "adapter_model.safetensors", Prefix = "base_model.model.";

    /// <summary>Writes the changes of an adapted backbone.</summary>
    /// <param name="spec">With which it was adapted.</param>
    /// <param name="baseModel">Name or folder of the model that is adapted.</param>
    public static void Save(string folder, Backbone backbone, LoraSpec spec, string baseModel)
    {
        using var scope = NewDisposeScope();
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, Config), PeftConfig.Format(spec, baseModel));
        using var stream = File.Create(Path.Combine(folder, Weights));
        SafetensorsWriter.Write(stream, Lora.Adapted(backbone).SelectMany(pair => pair.Projection.named_parameters()
            .Where(parameter => parameter.name.StartsWith("lora_", StringComparison.Ordinal))
            .Select(parameter => new NamedTensor($"{Prefix}{pair.Path}.{parameter.name}", parameter.parameter.detach().cpu().contiguous()))), "pt");
    }

    /// <summary>Adapts a backbone as the folder says; everything else of it is frozen.</summary>
    /// <returns>With what it is adapted now.</returns>
    /// <exception cref="CheckpointException">A file cannot be used, or its weights are not those of the targets: all names in one message.</exception>
    public static LoraSpec Load(string folder, Backbone backbone)
    {
        var path = Path.Combine(folder, Config);
        var spec = PeftConfig.Read(path);
        using var weights = CheckpointWeights.OpenAdapter(folder);
        try
        {
            var added = Lora.AttachUnfilled(backbone, spec);
            var targets = added.SelectMany(pair => new[] { ($"{Prefix}{pair.Path}.lora_A.weight", pair.A), ($"{Prefix}{pair.Path}.lora_B.weight", pair.B) })
                .ToDictionary(pair => pair.Item1, pair => pair.Item2, StringComparer.Ordinal);
            WeightLoader.Fill(weights, targets, weights.Tensors.GetValueOrDefault, isIgnorable: _ => false, "does not hold the weights of its adapter_config.json for this model");
            return spec;
        }
        catch (ArgumentException e)
        {
            throw new CheckpointException(path, $"does not fit the model: {e.Message}", e);
        }
    }
}
