using System.Collections.Immutable;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Numerics.Tests;

/// <summary>Retrievers over the golden checkpoints, early and late, and items of their sizes.</summary>
internal static class BackboneRetrievers
{
    /// <summary>Below the ids of every set's special tokens.</summary>
    private const int Words = 90;
    private const int EmbeddingWidth = 16;
    private static readonly TransformerShape Fusion = new(Layers: 1, Width: 16, Heads: 2, MlpWidth: 24);

    /// <summary>By name: a set, and how its parts meet.</summary>
    public static TheoryData<string> Names =>
    [
        "paligemma early", "paligemma score", "paligemma feature", "qwen2_vl early", "qwen2_vl score", "qwen2_vl feature",
        "clip score", "clip feature", "clip_eos score", "siglip score", "siglip feature",
    ];

    /// <summary>In patches, of Qwen2-VL's pictures.</summary>
    public static ImmutableArray<(int Rows, int Columns)> Grids { get; } = [(4, 4), (2, 4), (4, 2), (2, 2), (2, 8), (6, 4)];

    /// <summary>In float64.</summary>
    /// <param name="adapt">Is given the backbone before.</param>
    public static Retriever Of(string name, Action<Backbone>? adapt = null)
    {
        var retriever = new Retriever(Encoder(name, adapt), new ScoreScale(0.07, 0.01), new PixelScale(0, 1));
        retriever.to(ScalarType.Float64);
        return retriever;
    }

    private static Module<IReadOnlyList<ModalityGroup>, Tensor> Encoder(string name, Action<Backbone>? adapt)
    {
        var (set, fusion) = name.Split(' ') is [var first, var second] ? (first, second) : throw new ArgumentException(name);
        var backbone = Backbone.Load(GoldenFolder.Of(set), ScalarType.Float32, CPU);
        adapt?.Invoke(backbone);
        if (fusion == "early")
            return new OneTowerEncoder(Prompted(set, (SequenceBackbone)backbone), new SequencePooling.LastToken());
        Towers towers = backbone is DualEncoder dual
            ? new DualEncoderTowers(dual, Template("{text}#", end: set == "clip_eos" ? 107 : 119), Scale)
            : new OneModelTowers(Prompted(set, (SequenceBackbone)backbone), new SequencePooling.LastToken());
        return fusion == "score" ? TwoTowerEncoder.ByScore(towers) : TwoTowerEncoder.ByFeature(towers, Fusion, EmbeddingWidth, seed: 3);
    }

    public static PromptedBackbone Prompted(string set, SequenceBackbone backbone) => new(
        backbone, new Prompts(Template("{text}!"), Template("{image}?"), Template("{image}\"{text}!")), Scale, Causal: set != "paligemma");

    public static ChannelScale Scale { get; } = new([0.48, 0.45, 0.4], [0.26, 0.25, 0.27]);

    /// <summary>Items with text, with a picture, and with both, in turn; texts of 1 to 6 tokens.</summary>
    public static ItemBatch Mixed(string name, int count, int seed)
    {
        var random = new Random(seed);
        return TestItems.Concat([.. Enumerable.Range(0, count).Select(i => Item(name, random, i % 3 != 0 ? random.Next(1, 7) : 0, picture: i % 3 != 1))]);
    }

    /// <summary>Qwen2-VL's pictures are of many sizes, of as many patches some of them.</summary>
    public static ItemBatch Item(string name, Random random, int textLength, bool picture)
    {
        var (rows, columns, patchSize) = name.Split(' ')[0] switch
        {
            "qwen2_vl" => Grids[random.Next(Grids.Length)] is var grid ? (grid.Rows, grid.Columns, 6) : default,
            "clip_eos" => (4, 4, 8),
            _ => (4, 4, 7),
        };
        return Item(random, textLength, picture ? rows : 0, picture ? columns : 0, patchSize);
    }

    public static ItemBatch Item(Random random, int textLength, int rows, int columns, int patchSize)
    {
        var patches = rows * columns;
        var bytes = new byte[patches * 3 * patchSize * patchSize];
        random.NextBytes(bytes);
        return new ItemBatch
        {
            Count = 1,
            Tokens = [.. Enumerable.Range(0, textLength).Select(_ => random.Next(4, Words))],
            TextOffsets = [0, textLength],
            Patches = bytes,
            PatchOffsets = [0, patches],
            PatchBytes = 3 * patchSize * patchSize,
            PatchColumns = [columns],
        };
    }

    /// <summary>One rank's share of a global batch; row i's positive is candidate i.</summary>
    public static PairBatch Batch(string name, int rows, int rank, int world)
    {
        ImmutableArray<int>[] candidates = [.. Enumerable.Range(0, rows).Select(row => ImmutableArray.Create(row))];
        var layout = new BatchLayout(candidates, candidates, rank, world);
        var (first, count) = layout.Local;
        return new PairBatch
        {
            Step = 1,
            Queries = Mixed(name, rows, seed: 31).Slice(first, count),
            Candidates = Mixed(name, rows + 1, seed: 32).Slice(first + 1, count),
            Layout = layout,
            LedgerEntry = "",
        };
    }

    /// <summary>A tokenizer of one token a character; # ends a text.</summary>
    private static PromptTemplate Template(string template, int end = 0) =>
        PromptTemplate.Parse(template, stretch => [.. stretch.Select(character => character == '#' ? end : character)]);
}
