using System.Collections.Immutable;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace JointFusion.Experiments;

/// <summary>The model to train.</summary>
public sealed record RetrieverSpec
{
    /// <summary>Size of a retriever that is trained from scratch: nano, tiny or small. Either this or <see cref="Backbone"/>.</summary>
    public Preset? Preset { get; init; }

    /// <summary>
    /// Folder of a published model in Hugging Face's layout, whose weights are the start; relative to the spec's folder. clip and siglip have two
    /// towers; paligemma and qwen2_vl take pictures and texts in one sequence; qwen2 and gemma take texts alone.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? Backbone { get; init; }

    public required Fusion Fusion { get; init; }

    /// <summary>
    /// Of <c>fusion: early</c>, the number of blocks in which patches and tokens do not see each other yet: 0, they meet at once; as many as the tower
    /// has, they never do, and the retriever is that of <c>fusion: isolated</c>. Default 0.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int? FusionLayer { get; init; }

    /// <summary>Of <c>fusion: score</c>: how much each part's embedding counts in the sum. Default equal.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ModalityWeighting? ModalityWeights { get; init; }

    /// <summary>Of <c>fusion: feature</c> without a backbone: how the towers' features become an embedding. Default transformer.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public FeatureMixer? FeatureMixer { get; init; }

    /// <summary>Blocks of the preset's early tower, and of each late one. Default the preset's own: nano 2, tiny 6, small 8.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int? Layers { get; init; }

    /// <summary>
    /// Which state of a sequence is the embedding. Of a backbone: last, token or mean, by default last. Of a retriever trained from scratch: mean,
    /// summary or last, by default mean.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Pooling? Pooling { get; init; }

    /// <summary>A token of the backbone's that every prompt has; needed by <c>pooling: token</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? PoolingToken { get; init; }

    /// <summary>What stands around texts and pictures in a backbone's sequence; a backbone of one sequence needs it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public PromptTemplates? Prompt { get; init; }

    /// <summary>
    /// Whether a position of a sequence sees those after it; patches stand before tokens. Default of a backbone as it was pretrained: bidirectional for
    /// paligemma, else causal; of a retriever trained from scratch bidirectional.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public AttentionKind? Attention { get; init; }

    /// <summary>Texts are cut to this many tokens of a backbone, prompts not counted. Default: the places of its text tower; 256 where there is no such bound.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int? MaxTextTokens { get; init; }

    /// <summary>Pictures of a model that takes any size are shrunk to at most so many pixels. Default: what its preprocessor_config.json says.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int? MaxPixels { get; init; }

    /// <summary>
    /// exact: a backbone's pictures equal its own processor's to the last grey level; fast: JPEG pictures are decoded smaller first, about a grey
    /// level off on average. Another science: the pixels differ. Default exact.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImageMode ImageMode { get; init; }

    /// <summary>Trains low-rank changes of a backbone's projections and keeps its weights. Default: all weights are trained.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public LowRankAdapters? Lora { get; init; }

    /// <summary>Of <c>fusion: feature</c> over a backbone: the transformer over both parts' states, which is new. Its width is the embedding's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public FusionTower? FusionTower { get; init; }

    /// <summary>How the two towers are sized beside the early tower of the same preset; an error with one tower, early or isolated. Default parameters.</summary>
    public Matching? Matching { get; init; }

    /// <summary>Scores are divided by it in every loss. The start of a learnable one, unless <see cref="TemperatureFixed"/>. Default 0.07.</summary>
    public double Temperature { get; init; } = 0.07;

    /// <summary>The temperature is clamped from below to this. Default 0.01.</summary>
    public double MinimumTemperature { get; init; } = DefaultMinimumTemperature;

    /// <summary>Whether the temperature stays what it is; no gradient reaches it. Default false.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool TemperatureFixed { get; init; }

    /// <summary>Start of the learnable bias of the sigmoid loss's logits; an error where no stage has that loss. Default -10, as in SigLIP.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double? LogitBias { get; init; }

    /// <summary>
    /// fp32; bf16: the encoders' matrix products and attention (on a GPU; in fp32 on a CPU) in bfloat16, with weights, residual stream, norms, loss and optimizer in fp32.
    /// Another science: the digits differ. Default fp32.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Precision Precision { get; init; }

    internal const double DefaultMinimumTemperature = 0.01;

    /// <summary>As in SigLIP (Zhai et al. 2023, arXiv 2303.15343): nearly all pairs are wrong ones, and the loss starts low.</summary>
    internal const double DefaultLogitBias = -10;
}

/// <summary>A template for each mix of modalities. <c>{text}</c> and <c>{image}</c> stand for the parts; tokens are written by their names.</summary>
public sealed record PromptTemplates
{
    /// <summary>Of items with a text alone, such as <c>"{text}&lt;|endoftext|&gt;"</c>.</summary>
    public required string Text { get; init; }

    /// <summary>Of items with a picture alone; a model of texts alone has none.</summary>
    public string? Image { get; init; }

    /// <summary>Of items with both; a model of texts alone has none.</summary>
    public string? Both { get; init; }
}

/// <summary>Low-rank changes of projections (LoRA, Hu et al. 2021, arXiv 2106.09685): each adds alpha / rank times the product of two narrow matrices.</summary>
public sealed record LowRankAdapters
{
    public required int Rank { get; init; }

    /// <summary>Their strength; it does not depend on the rank.</summary>
    public required double Alpha { get; init; }

    /// <summary>Which projections: ends of their names such as <c>q_proj</c>, or whole names with * for any characters such as <c>model.layers.*.q_proj</c>.</summary>
    public required ImmutableArray<string> Targets { get; init; }

    /// <param name="layer">Name of a projection.</param>
    public bool Selects(string layer) => Targets.Any(target => Selects(target, layer));

    internal static bool Selects(string target, string layer) => Regex.IsMatch(layer, $"^(?:{Expression(target)})$", RegexOptions.CultureInvariant);

    /// <summary>As a regular expression of whole names.</summary>
    public static string Expression(string target) =>
        (target.Contains('*') ? "" : "(?:.*\\.)?") + Regex.Escape(target).Replace("\\*", ".*", StringComparison.Ordinal);

    public bool Equals(LowRankAdapters? other) => other is not null && Rank == other.Rank && Alpha.Equals(other.Alpha) && Targets.SequenceEqual(other.Targets);

    public override int GetHashCode() => HashCode.Combine(Rank, Alpha, Targets.Length);
}

/// <summary>A small transformer over the states of two towers.</summary>
public sealed record FusionTower
{
    public required int Layers { get; init; }

    /// <summary>Of its states and of the embedding; a multiple of <see cref="Heads"/>.</summary>
    public required int Width { get; init; }

    public required int Heads { get; init; }

    public required int MlpWidth { get; init; }

    public TransformerShape Shape() => new(Layers, Width, Heads, MlpWidth);
}

/// <summary>last: the state of the last position; token: that of a token that the prompt brings; mean: of all positions; summary: of the learned token that comes first.</summary>
public enum Pooling { Last, Token, Mean, Summary }

public enum AttentionKind { Causal, Bidirectional }

/// <summary>equal: both parts' embeddings count alike; learned: each is multiplied by a learned positive weight, 1 at the start.</summary>
public enum ModalityWeighting { Equal, Learned }

/// <summary>
/// How features of two towers become an embedding. transformer: over all their positions together; mlp: over the two means end to end, added to the
/// sum of their projections; gated: the two projections, mixed dimension by dimension by a gate that sees both.
/// </summary>
public enum FeatureMixer { Transformer, Mlp, Gated }
