using JointFusion.Retrieval;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>The golden sets beside the tests, and copies of them to break.</summary>
internal static class GoldenFolder
{
    public static string Root { get; } = Path.Combine(AppContext.BaseDirectory, "Goldens", "Backbones");

    public static string Of(string set) => Path.Combine(Root, set);

    public static string TorchSaved(string file) => Path.Combine(AppContext.BaseDirectory, "Goldens", "TorchSaved", file);

    /// <summary>Copies a set without its weights.</summary>
    public static string CopyWithoutWeights(string set, TemporaryFolder to)
    {
        foreach (var file in Directory.GetFiles(Of(set)).Where(file => Path.GetFileName(file) != "model.safetensors"))
            File.Copy(file, to[Path.GetFileName(file)], overwrite: true);
        return to.Path;
    }

    /// <summary>Copies a set with other weights.</summary>
    /// <param name="change">Of its tensors by name.</param>
    public static string Copy(string set, TemporaryFolder to, Action<Dictionary<string, Tensor>> change)
    {
        var folder = CopyWithoutWeights(set, to);
        using var scope = NewDisposeScope();
        var weights = Weights(set);
        change(weights);
        Write(to["model.safetensors"], weights);
        return folder;
    }

    public static Dictionary<string, Tensor> Weights(string set)
    {
        using var reader = SafetensorsReader.Open(Path.Combine(Of(set), "model.safetensors"));
        return reader.Tensors.ToDictionary(entry => entry.Name, entry => reader.Read(entry.Name));
    }

    public static void Write(string path, IEnumerable<KeyValuePair<string, Tensor>> weights)
    {
        using var stream = File.Create(path);
        SafetensorsWriter.Write(stream, weights.Select(pair => new NamedTensor(pair.Key, pair.Value.contiguous())));
    }
}
