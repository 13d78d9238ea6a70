using System.Text.Json;
using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Writes a backbone as a checkpoint folder that the reference implementation loads: its weights, and config, tokenizer and preprocessor of the folder it came from.</summary>
public static class BackboneFolder
{
    private const string Config = "config.json", Weights = "model.safetensors";

    private static readonly string[] Companions =
    [
        "generation_config.json", "preprocessor_config.json", "processor_config.json", "chat_template.json", "chat_template.jinja", "tokenizer.json",
        "tokenizer.model", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt",
    ];

    /// <param name="source">The folder it was loaded from; weights that it did without, such as an output matrix, are copied from there.</param>
    /// <param name="target">A folder that is empty or not there.</param>
    /// <exception cref="ArgumentException">It has adapters that are not merged.</exception>
    /// <exception cref="CheckpointException">The target is not empty, or the source cannot be read.</exception>
    public static void Save(Backbone backbone, string source, string target)
    {
        if (Lora.Adapted(backbone).Any())
            throw new ArgumentException("The backbone has adapters: merge them, or save them by themselves.", nameof(backbone));
        if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())
            throw new CheckpointException(target, "is not empty. Choose another folder, or delete this one.");
        Directory.CreateDirectory(target);
        using var scope = NewDisposeScope();
        NamedTensor[] own = [.. backbone.named_parameters().Select(pair => new NamedTensor(pair.name, pair.parameter.detach().cpu().contiguous()))];
        using (var stream = File.Create(Path.Combine(target, Weights)))
            SafetensorsWriter.Write(stream, [.. own, .. Unused(backbone, source, own[0].Tensor.dtype)], "pt");
        foreach (var file in Companions.Where(file => File.Exists(Path.Combine(source, file))))
            File.Copy(Path.Combine(source, file), Path.Combine(target, file));
        WriteConfig(Path.Combine(source, Config), Path.Combine(target, Config), own[0].Tensor.dtype);
    }

    private static NamedTensor[] Unused(Backbone backbone, string source, ScalarType type)
    {
        if (backbone.Unused.Count == 0)
            return [];
        using var weights = CheckpointWeights.Open(source);
        return [.. backbone.Unused.Where(weights.Tensors.ContainsKey).Select(name =>
        {
            var copy = empty(weights.Tensors[name].Shape.ToArray(), type);
            weights.Tensors[name].CopyTo(copy);
            return new NamedTensor(name, copy);
        })];
    }

    /// <summary>As it was, but for the type of the weights.</summary>
    private static void WriteConfig(string source, string target, ScalarType type)
    {
        var config = JsonNode.Parse(File.ReadAllBytes(source))!.AsObject();
        config["torch_dtype"] = type == ScalarType.BFloat16 ? "bfloat16" : "float32";
        File.WriteAllText(target, config.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }
}
