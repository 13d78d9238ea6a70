using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using TorchSharp;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>A retriever from a folder that <see cref="RetrieverExporter"/> wrote, with neither its run nor its data at hand.</summary>
/// <remarks>
/// An item's text becomes tokens by <see cref="Tokenizer"/>, at most MaxTextTokens of the shape; its picture is resized to
/// <see cref="ExportedData.ImageSize"/> and cut into patches, as <see cref="ItemBatch"/> lays them out.
/// </remarks>
public sealed class ExportedRetriever : IDisposable
{
    private ExportedRetriever(ExportConfig config, Retriever retriever, TextTokenizer tokenizer) =>
        (Config, Retriever, Tokenizer) = (config, retriever, tokenizer);

    public ExportConfig Config { get; }

    /// <summary>In evaluation mode. Embeddings are bitwise those of the state that was saved, on the same device and threads.</summary>
    public Retriever Retriever { get; }

    public TextTokenizer Tokenizer { get; }

    /// <param name="folder">As exported.</param>
    /// <param name="device">Null: the CPU.</param>
    /// <exception cref="CheckpointException">A file is missing or not as written, the schema is unknown, or the weights are not those of the config's retriever.</exception>
    public static ExportedRetriever Load(string folder, torch.Device? device = null)
    {
        var files = new ExportFolder(Path.GetFullPath(folder));
        var config = ExportConfig.Read(files.Config);
        VerifyFiles(files, config);
        var tokenizer = TextTokenizer.Load(files.Vocabulary);
        var expected = config.Retriever.Shape.VocabularySize;
        if (tokenizer.VocabularySize != expected)
            throw new CheckpointException(files.Vocabulary, $"has {tokenizer.VocabularySize} entries, the retriever {expected}: they do not belong together.");
        return new ExportedRetriever(config, LoadRetriever(files, config.Retriever, device ?? CPU), tokenizer);
    }

    public void Dispose() => Retriever.Dispose();

    private static void VerifyFiles(ExportFolder files, ExportConfig config)
    {
        foreach (var path in (string[])[files.Weights, files.Vocabulary])
        {
            var listed = config.Files.FirstOrDefault(file => file.Name == Path.GetFileName(path))
                ?? throw new CheckpointException(files.Config, $"does not list {Path.GetFileName(path)}. Export the checkpoint again.");
            if (FileCheck.FaultOf(files.Path, listed, "config.json", hashes: true) is { } fault)
                throw new CheckpointException(fault.Path, $"{fault.Cause} Export the checkpoint again.", fault);
        }
    }

    private static Retriever LoadRetriever(ExportFolder files, RetrieverPlan plan, torch.Device device)
    {
        using var weights = SafetensorsReader.Open(files.Weights);
        var retriever = Build(files, plan);
        try
        {
            retriever.to(device);
            using var _ = no_grad();
            weights.ReadInto(retriever.named_parameters().Select(pair => new NamedTensor(pair.name, pair.parameter)));
            retriever.eval();
            return retriever;
        }
        catch
        {
            retriever.Dispose();
            throw;
        }
    }

    /// <summary>The seed is of no consequence: every parameter is read over.</summary>
    private static Retriever Build(ExportFolder files, RetrieverPlan plan)
    {
        try
        {
            return new Retriever(plan, seed: 0);
        }
        catch (ArgumentException e)
        {
            throw new CheckpointException(files.Config, $"describes no retriever: {e.Message}", e);
        }
    }
}
