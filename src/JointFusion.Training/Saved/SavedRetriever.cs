using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using TorchSharp;

namespace JointFusion.Training;

/// <summary>A trained retriever, opened to be asked: from a checkpoint of a run, or from a folder that was exported.</summary>
public sealed class SavedRetriever : IDisposable
{
    private readonly IDisposable owner;
    private readonly ITextTokenizer tokenizer;
    private readonly BackboneItems? items;

    private SavedRetriever(IDisposable owner, Retriever retriever, RetrieverPlan plan, ITextTokenizer tokenizer, BackboneItems? items, params string[] identity)
    {
        (this.owner, this.tokenizer, this.items, Retriever, Plan) = (owner, tokenizer, items, retriever, plan);
        Identity = IdentityOf(plan, identity);
        retriever.eval();
    }

    /// <summary>In evaluation mode.</summary>
    public Retriever Retriever { get; }

    public RetrieverPlan Plan { get; }

    public required SavedOrigin Origin { get; init; }

    /// <summary>What it was trained on.</summary>
    public required ExportedData Data { get; init; }

    /// <summary>The same, opened, where it was at hand: of a run's checkpoint.</summary>
    public MbeirDataset? Set { get; private init; }

    /// <summary>Hash of all that decides an item's embedding: weights, shape, vocabulary. The same for a checkpoint and its export, but for published models, whose export holds other files.</summary>
    public string Identity { get; }

    /// <param name="plan">Of the run; its data may lie elsewhere by now, but must be the same.</param>
    /// <param name="step">Of the checkpoint.</param>
    /// <exception cref="CheckpointException">The checkpoint is torn, missing, or of another science than the plan.</exception>
    /// <exception cref="DataException">The data set, whose vocabulary is needed, or the published model is gone or has changed.</exception>
    public static SavedRetriever OfRun(RunFolder run, RunPlan plan, int step, torch.Device device)
    {
        var manifest = new CheckpointCatalog(run).ReadWhole(step, plan.ScienceHash);
        var set = RunData.OpenSet(plan);
        RunData.RequireBackbone(plan);
        var vocabulary = plan.Retriever.Backbone is null ? set.ReadVocabulary() : null;
        var state = new TrainingState(plan with { Resources = plan.Resources with { Recompute = false } }, device, LocalProcessGroup.Create(1)[0]);
        try
        {
            using var saved = SafetensorsReader.Open(Path.Combine(run.Checkpoint(step), CheckpointNames.Weights));
            StateWeights.Restore(state, plan, saved, manifest.FromFolder);
            var items = ItemsOf(plan.Retriever, plan.Retriever.Backbone?.Folder);
            return new SavedRetriever(
                state, state.Retriever, plan.Retriever, items?.Texts ?? Checked(set.Tokenizer, plan.Retriever, set.Root), items,
                manifest.Files.First(file => file.Name == CheckpointNames.Weights).Sha256, vocabulary is null ? plan.Retriever.Backbone!.ContentHash : HexOf(vocabulary), $"{plan.Data.ImageSize}")
            {
                Origin = new(plan.Experiment, plan.Run, step, plan.Seed, TrainedUpTo(plan, step), manifest.Ledger, plan.PlanHash),
                Data = new(set.Name, set.ManifestHash, plan.Data.ImageSize),
                Set = set,
            };
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    /// <param name="folder">As <see cref="RetrieverExporter"/> wrote it.</param>
    /// <inheritdoc cref="ExportedRetriever.Load"/>
    public static SavedRetriever OfExport(string folder, torch.Device device)
    {
        var exported = ExportedRetriever.Load(folder, device);
        var config = exported.Config;
        return new SavedRetriever(
            exported, exported.Retriever, config.Retriever, exported.Tokenizer, ItemsOf(config.Retriever, new ExportFolder(Path.GetFullPath(folder)).Backbone),
            [.. config.Files.Where(file => !file.Name.StartsWith("adapters/", StringComparison.Ordinal)).Select(file => file.Sha256), $"{config.Data.ImageSize}"])
        {
            Origin = new(config.Experiment, config.Run, config.Step, config.Seed, config.Stages, config.Ledger, config.PlanHash),
            Data = config.Data,
        };
    }

    /// <summary>The stages of a run up to a step.</summary>
    public static ImmutableArray<TrainedStage> TrainedUpTo(RunPlan plan, int step) =>
        [.. plan.Stages.Where(stage => stage.FirstStep <= step).Select(stage => new TrainedStage(stage.Spec.Name, stage.Spec.Instructions))];

    /// <summary>Whether it takes such an item: a published model of texts alone takes no picture.</summary>
    public bool Takes(ItemRef item) => item.ImagePath is null || Plan.Shape.Backbone is not { Vision: null };

    /// <summary>Cuts items of a data set, any data set, as this retriever was trained to have them.</summary>
    /// <param name="cacheBytes">Decoded pictures kept in memory.</param>
    public ItemLoader Loader(MbeirDataset data, long cacheBytes = ItemLoader.DefaultCacheBytes) => items is not null
        ? items.Loader(data, Plan.Shape.MaxTextTokens, cacheBytes)
        : new ItemLoader(data, tokenizer, new NetVipsDecoder(), Data.ImageSize, Plan.Shape.PatchSize, Plan.Shape.MaxTextTokens, cacheBytes);

    /// <summary>The space of its embeddings over the items of a data set.</summary>
    /// <inheritdoc cref="Loader"/>
    public TrainedSpace Space(MbeirDataset data, long cacheBytes = ItemLoader.DefaultCacheBytes) => new(Retriever, Loader(data, cacheBytes), Plan.Shape.EmbeddingWidth);

    /// <summary>The space of the untrained baseline: of a run's pictures, or small square ones beside a published model.</summary>
    public PixelSpace PixelSpace(MbeirDataset data) => Plan.Backbone is null
        ? new(Loader(data), Data.ImageSize, Plan.Shape.PatchSize)
        : RunData.BaselineSpace(data, tokenizer);

    public void Dispose() => owner.Dispose();

    private static BackboneItems? ItemsOf(RetrieverPlan plan, string? folder) =>
        plan.Backbone is { } backbone ? BackboneItems.Open(folder!, plan.Shape.Backbone!, backbone.MaxPixels, backbone.ImageMode) : null;

    private static ITextTokenizer Checked(TextTokenizer tokenizer, RetrieverPlan plan, string root) => tokenizer.VocabularySize == plan.Shape.VocabularySize
        ? tokenizer
        : throw new DataException($"{root}: the vocabulary has changed since the run was planned ({tokenizer.VocabularySize} entries, plan {plan.Shape.VocabularySize}). Restore it.");

    private static string IdentityOf(RetrieverPlan plan, string[] parts)
    {
        var elsewhere = plan with { Backbone = plan.Backbone is { } backbone ? backbone with { Folder = "" } : null };
        return HexOf(Encoding.UTF8.GetBytes(string.Join('\n', [JsonSerializer.Serialize(elsewhere, JointFusionJson.Line), .. parts])));
    }

    private static string HexOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
