using TorchSharp.Modules;

namespace JointFusion.Retrieval;

/// <summary>Fills parameters from files, with every name of either side accounted for.</summary>
internal static class WeightLoader
{
    /// <summary>Buffers that older versions of the library saved although they follow from the config.</summary>
    private static readonly string[] Recomputed = [".position_ids", ".rotary_emb.inv_freq", ".rotary_pos_emb.inv_freq", ".masked_bias"];

    /// <exception cref="CheckpointException">Names are missing, unexpected, or of another shape: all of them in one message.</exception>
    /// <param name="leftOut">Names of the files that this module does without.</param>
    public static void Load(Backbone backbone, CheckpointWeights weights, IReadOnlySet<string> leftOut) => Fill(
        weights,
        backbone.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter, StringComparer.Ordinal),
        name => Source(backbone, weights, name),
        name => IsIgnorable(backbone, name) || leftOut.Contains(name),
        "does not hold the weights of its config.json");

    /// <param name="source">Of a parameter, by its name; null: the files do not hold it.</param>
    /// <param name="isIgnorable">Whether a name in the files may be left over.</param>
    /// <param name="fault">What is said of the folder where names do not fit; they follow.</param>
    /// <exception cref="CheckpointException">Names are missing, unexpected, or of another shape: all of them in one message.</exception>
    public static void Fill(
        CheckpointWeights weights, Dictionary<string, Parameter> targets, Func<string, StoredTensor?> source, Func<string, bool> isIgnorable, string fault)
    {
        var sources = targets.Keys.ToDictionary(name => name, source, StringComparer.Ordinal);
        var missing = targets.Keys.Where(name => sources[name] is null).ToArray();
        var unexpected = weights.Tensors.Keys.Where(name => !targets.ContainsKey(name) && !isIgnorable(name)).ToArray();
        var misshaped = targets.Where(pair => sources[pair.Key] is { } found && !found.Shape.AsSpan().SequenceEqual(pair.Value.shape))
            .Select(pair => $"{pair.Key} ({sources[pair.Key]!.ShapeText}, expected {TensorEntry.Describe(pair.Value.shape)})").ToArray();
        if (missing.Length + unexpected.Length + misshaped.Length > 0)
            throw new CheckpointException(
                weights.Folder, $"{fault}. Missing: {List(missing)}. Unexpected: {List(unexpected)}. Of another shape: {List(misshaped)}.");
        foreach (var (name, target) in targets)
            sources[name]!.CopyTo(target);
    }

    /// <summary>A tied matrix may stand in the file under either of its names, or under both.</summary>
    private static StoredTensor? Source(Backbone backbone, CheckpointWeights weights, string name) =>
        weights.Tensors.GetValueOrDefault(name)
        ?? backbone.Tied.Where(tied => tied.Value == name).Select(tied => weights.Tensors.GetValueOrDefault(tied.Key)).FirstOrDefault(found => found is not null);

    private static bool IsIgnorable(Backbone backbone, string name) =>
        backbone.Tied.ContainsKey(name) || backbone.Unused.Contains(name)
        || Recomputed.Any(ending => name.EndsWith(ending, StringComparison.Ordinal));

    private static string List(string[] names) => names.Length == 0 ? "none" : string.Join(", ", names.Order(StringComparer.Ordinal));
}
