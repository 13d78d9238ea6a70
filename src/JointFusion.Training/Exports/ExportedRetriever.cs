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
    private ExportedRetriever(ExportConfig config, Retriever retriever, ITextTokenizer tokenizer) =>
        (Config, Retriever, Tokenizer) = (config, retriever, tokenizer);

    public ExportConfig Config { get; }

    /// <summary>In evaluation mode. Embeddings are bitwise those of the state that was saved, on the same device and threads; of adapted models but for the rounding of merged weights.</summary>
    public Retriever Retriever { get; }

    public ITextTokenizer Tokenizer { get; }

    /// <param name="folder">As exported.</param>
    /// <param name="device">Null: the CPU.</param>
    /// <exception cref="CheckpointException">A file is missing or not as written, the schema is unknown, or the weights are not those of the config's retriever.</exception>
    public static ExportedRetriever Load(string folder, torch.Device? device = null)
    {
        var files = new ExportFolder(Path.GetFullPath(folder));
        var config = ExportConfig.Read(files.Config);
        VerifyFiles(files, config);
        var tokenizer = TokenizerOf(files, config.Retriever);
        return new ExportedRetriever(config, LoadRetriever(files, config.Retriever, device ?? CPU), tokenizer);
    }

    public void Dispose() => Retriever.Dispose();

    private static ITextTokenizer TokenizerOf(ExportFolder files, RetrieverPlan plan)
    {
        if (plan.Shape.Backbone is { } model)
            return BackboneItems.Open(files.Backbone, model, plan.Backbone!.MaxPixels, plan.Backbone.ImageMode).Texts;
        var tokenizer = TextTokenizer.Load(files.Vocabulary);
        var expected = plan.Shape.VocabularySize;
        return tokenizer.VocabularySize == expected
            ? tokenizer
            : throw new CheckpointException(files.Vocabulary, $"has {tokenizer.VocabularySize} entries, the retriever {expected}: they do not belong together.");
    }

    private static void VerifyFiles(ExportFolder files, ExportConfig config)
    {
        foreach (var name in NeededFiles(config))
        {
            var listed = config.Files.FirstOrDefault(file => file.Name == name)
                ?? throw new CheckpointException(files.Config, $"does not list {name}. Export the checkpoint again.");
            if (FileCheck.FaultOf(files.Path, listed, "config.json", hashes: true) is { } fault)
                throw new CheckpointException(fault.Path, $"{fault.Cause} Export the checkpoint again.", fault);
        }
    }

    /// <summary>Adapters are for others.</summary>
    private static IEnumerable<string> NeededFiles(ExportConfig config) => config.Retriever.Backbone is null
        ? ["model.safetensors", "vocabulary.json"]
        : config.Files.Select(file => file.Name).Where(name => !name.StartsWith("adapters/", StringComparison.Ordinal)).Union(["model.safetensors", "backbone/config.json"]);

    private static Retriever LoadRetriever(ExportFolder files, RetrieverPlan plan, torch.Device device)
    {
        using var weights = SafetensorsReader.Open(files.Weights);
        var retriever = Build(files, plan);
        try
        {
            retriever.to(device);
            using var _ = no_grad();
            weights.ReadInto(plan.Backbone is null ? retriever.named_parameters().Select(pair => new NamedTensor(pair.name, pair.parameter)) : BackboneExport.Others(retriever));
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
            return Retrievers.Create(plan with { Backbone = plan.Backbone is { } backbone ? backbone with { Folder = files.Backbone } : null }, seed: 0, CPU);
        }
        catch (ArgumentException e)
        {
            throw new CheckpointException(files.Config, $"describes no retriever: {e.Message}", e);
        }
    }
}
