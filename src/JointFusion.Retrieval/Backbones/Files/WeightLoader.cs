using TorchSharp.Modules;

namespace JointFusion.Retrieval;

/// <summary>Fills a module from a checkpoint, with every name of either side accounted for.</summary>
internal static class WeightLoader
{
    /// <summary>Buffers that older versions of the library saved although they follow from the config.</summary>
    private static readonly string[] Recomputed = [".position_ids", ".rotary_emb.inv_freq", ".rotary_pos_emb.inv_freq", ".masked_bias"];

    /// <exception cref="CheckpointException">Names are missing, unexpected, or of another shape: all of them in one message.</exception>
    public static void Load(Backbone backbone, CheckpointWeights weights)
    {
        var parameters = backbone.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter, StringComparer.Ordinal);
        var sources = parameters.Keys.ToDictionary(name => name, name => Source(backbone, weights, name), StringComparer.Ordinal);
        Account(backbone, weights, parameters, sources);
        foreach (var (name, parameter) in parameters)
            sources[name]!.CopyTo(parameter);
    }

    /// <summary>A tied matrix may stand in the file under either of its names, or under both.</summary>
    private static StoredTensor? Source(Backbone backbone, CheckpointWeights weights, string name) =>
        weights.Tensors.GetValueOrDefault(name)
        ?? backbone.Tied.Where(tied => tied.Value == name).Select(tied => weights.Tensors.GetValueOrDefault(tied.Key)).FirstOrDefault(found => found is not null);

    private static void Account(
        Backbone backbone, CheckpointWeights weights, Dictionary<string, Parameter> parameters, Dictionary<string, StoredTensor?> sources)
    {
        var missing = parameters.Keys.Where(name => sources[name] is null).ToArray();
        var unexpected = weights.Tensors.Keys.Where(name => !parameters.ContainsKey(name) && !IsIgnorable(backbone, name)).ToArray();
        var misshaped = parameters.Where(pair => sources[pair.Key] is { } source && !source.Shape.AsSpan().SequenceEqual(pair.Value.shape))
            .Select(pair => $"{pair.Key} ({sources[pair.Key]!.ShapeText}, expected {TensorEntry.Describe(pair.Value.shape)})").ToArray();
        if (missing.Length + unexpected.Length + misshaped.Length > 0)
            throw new CheckpointException(
                weights.Folder,
                $"does not hold the weights of its config.json. Missing: {List(missing)}. Unexpected: {List(unexpected)}. Of another shape: {List(misshaped)}.");
    }

    private static bool IsIgnorable(Backbone backbone, string name) =>
        backbone.Tied.ContainsKey(name) || backbone.Unused.Contains(name)
        || Recomputed.Any(ending => name.EndsWith(ending, StringComparison.Ordinal));

    private static string List(string[] names) => names.Length == 0 ? "none" : string.Join(", ", names.Order(StringComparer.Ordinal));
}
