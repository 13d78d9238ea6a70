using System.Text.Json;

namespace JointFusion.Retrieval;

/// <summary>All tensors of a checkpoint folder by name, in one file or in several that an index lists, still on disk.</summary>
internal sealed class CheckpointWeights : IDisposable
{
    private static readonly (string Single, string Index)[] Layouts =
    [
        ("model.safetensors", "model.safetensors.index.json"), ("pytorch_model.bin", "pytorch_model.bin.index.json"),
    ];

    /// <summary>PEFT's names.</summary>
    private static readonly string[] AdapterFiles = ["adapter_model.safetensors", "adapter_model.bin"];

    private static readonly string[] Patterns = ["*.safetensors", "*.bin", "*.pth", "*.pt"];

    private readonly List<MappedFile> files = [];
    private readonly Dictionary<string, StoredTensor> tensors = new(StringComparer.Ordinal);

    private CheckpointWeights(string folder) => Folder = folder;

    public string Folder { get; }

    public IReadOnlyDictionary<string, StoredTensor> Tensors => tensors;

    /// <summary>Safetensors are preferred; a file of another name is taken where it is the only one of its kind.</summary>
    /// <exception cref="CheckpointException">There are none, files that the index lists are missing, or a file cannot be used.</exception>
    public static CheckpointWeights Open(string folder) => Open(folder, weights => weights.Open());

    /// <summary>Those of an adapter in PEFT's layout.</summary>
    /// <exception cref="CheckpointException">There are none, or the file cannot be used.</exception>
    public static CheckpointWeights OpenAdapter(string folder) => Open(folder, weights => weights.Add(
        AdapterFiles.Select(weights.In).FirstOrDefault(File.Exists)
        ?? throw new CheckpointException(folder, $"holds neither {string.Join(" nor ", AdapterFiles)}.")));

    private static CheckpointWeights Open(string folder, Action<CheckpointWeights> open)
    {
        var weights = new CheckpointWeights(folder);
        try
        {
            open(weights);
            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    public void Dispose() => files.ForEach(file => file.Dispose());

    private void Open()
    {
        foreach (var (single, index) in Layouts)
        {
            if (File.Exists(In(single)))
            {
                Add(In(single));
                return;
            }
            if (File.Exists(In(index)))
            {
                AddListed(In(index));
                return;
            }
        }
        Add(OnlyFile());
    }

    private string OnlyFile()
    {
        foreach (var pattern in Patterns)
            if (Directory.Exists(Folder) && Directory.GetFiles(Folder, pattern) is { Length: > 0 } found)
                return found.Length == 1
                    ? found[0]
                    : throw new CheckpointException(Folder, $"holds {found.Length} files {pattern} and no index of them.");
        throw new CheckpointException(Folder, $"holds no weights: neither {string.Join(", ", Layouts.Select(layout => layout.Single))} nor any {string.Join(", ", Patterns)}.");
    }

    private void AddListed(string index)
    {
        var listed = ReadIndex(index);
        foreach (var file in listed.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (Path.GetFileName(file) != file)
                throw new CheckpointException(index, $"lists '{file}', which is no file beside it.");
            if (!File.Exists(In(file)))
                throw new CheckpointException(index, $"lists {file}, which is missing.");
            Add(In(file));
        }
        var absent = listed.Keys.Where(name => !tensors.ContainsKey(name)).Order(StringComparer.Ordinal).ToArray();
        if (absent.Length > 0)
            throw new CheckpointException(index, $"lists {string.Join(", ", absent)}, which no file holds.");
    }

    private static Dictionary<string, string> ReadIndex(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.GetProperty("weight_map").Deserialize<Dictionary<string, string>>() ?? throw new JsonException("its weight_map is null");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new CheckpointException(path, $"is no index of weights: {e.Message}", e);
        }
    }

    private void Add(string path)
    {
        var file = new MappedFile(path);
        files.Add(file);
        foreach (var tensor in path.EndsWith(".safetensors", StringComparison.Ordinal) ? Safetensors(file) : TorchArchive.Tensors(file))
            if (!tensors.TryAdd(tensor.Name, tensor))
                throw new CheckpointException(path, $"holds tensor '{tensor.Name}', which another file holds too.");
    }

    private static IReadOnlyList<StoredTensor> Safetensors(MappedFile file)
    {
        using var header = SafetensorsReader.Open(file.Path);
        return [.. header.Tensors.Select(entry => new StoredTensor(entry.Name, entry.Type, entry.Shape, file, header.DataStart + entry.Begin))];
    }

    private string In(string name) => Path.Combine(Folder, name);
}
