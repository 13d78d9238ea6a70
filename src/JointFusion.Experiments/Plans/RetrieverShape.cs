using System.Text.Json.Serialization;

namespace JointFusion.Experiments;

/// <summary>A pre-norm transformer: <see cref="Layers"/> blocks of self-attention and a GELU MLP, then a final layer norm.</summary>
/// <remarks>
/// A block holds: layer norm (2W), qkv Linear W->3W with bias, out Linear W->W with bias, layer norm (2W),
/// up Linear W->M with bias, down Linear M->W with bias. The final layer norm (2W) follows the last block.
/// </remarks>
/// <param name="Layers">Number of blocks.</param>
/// <param name="Width">W, of the residual stream; a multiple of <paramref name="Heads"/>.</param>
/// <param name="Heads">Attention heads.</param>
/// <param name="MlpWidth">M, of the MLP's hidden layer.</param>
public sealed record TransformerShape(int Layers, int Width, int Heads, int MlpWidth);

/// <summary>Every size of a retriever, known before a tensor exists. A numerics test pins its counts to the modules.</summary>
/// <remarks>
/// Tower inputs. Image: patch Linear (3*P*P)->W with bias, positions [PatchesPerImage, W]. Text: token table [VocabularySize, W],
/// positions [MaxTextTokens, W]. Each tower starts with one learned summary token [W]; the mean of its outputs, projected W->E without bias,
/// is the embedding; or the state of the summary or of the last position, in place of the mean.
///   early    one tower with both inputs: summary, patches, tokens in one sequence
///   isolated the tensors of early; each part goes through the tower in a sequence of its own behind the summary, and the two means are summed
///   score    an image tower and a text tower, each with its own projection; present towers' embeddings are summed, each times a learned
///            weight where the plan says so: two scalars, their logarithms
///   feature  both towers without projections; each tower's normed outputs (its summary included) go through Linear Wt->Wf with bias,
///            plus a learned modality embedding [2, Wf], then a fusion transformer behind its own summary token [Wf], projected Wf->E;
///            or, of the two pooled states, 0 for an absent one: by mlp projections Wt->E as in score, plus Linear 2Wt->M with bias, GELU, M->E;
///            gated, such projections, mixed by the sigmoid of Linear 2Wt->E with bias where both are there
/// With a backbone its own inputs and towers stand in place of these: see <see cref="BackboneShape"/>. Score adds its embeddings; feature is as above
/// over its states.
/// All: a scalar log temperature. Embeddings are L2-normalised.
/// </remarks>
public sealed record RetrieverShape
{
    public required Fusion Fusion { get; init; }

    /// <summary>E, of the embedding.</summary>
    public required int EmbeddingWidth { get; init; }

    /// <summary>P, pixels a side; pictures have three channels.</summary>
    public required int PatchSize { get; init; }

    /// <summary>At most, where pictures have sizes of their own.</summary>
    public required int PatchesPerImage { get; init; }
    public required int VocabularySize { get; init; }

    /// <summary>Texts are cut to this many tokens, those of prompts not counted.</summary>
    public required int MaxTextTokens { get; init; }

    /// <summary>Early and isolated fusion only.</summary>
    public TransformerShape? Joint { get; init; }

    /// <summary>Early fusion only: blocks in which the parts of an item are sequences of their own; fewer than the tower has. Then the two summaries become their mean.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int FusionLayer { get; init; }

    /// <summary>Blocks of the joint tower in which the parts of an item do not see each other.</summary>
    [JsonIgnore]
    public int IsolatedLayers => Fusion == Fusion.Isolated ? Joint!.Layers : FusionLayer;

    /// <summary>Blocks of each tower but a fusion tower; null over a backbone.</summary>
    [JsonIgnore]
    public int? Layers => (Joint ?? ImageTower)?.Layers;

    /// <summary>Late fusion only.</summary>
    public TransformerShape? ImageTower { get; init; }

    /// <summary>Late fusion only.</summary>
    public TransformerShape? TextTower { get; init; }

    /// <summary>Feature fusion by a transformer only.</summary>
    public TransformerShape? FusionTower { get; init; }

    /// <summary>Score fusion only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ModalityWeighting ModalityWeights { get; init; }

    /// <summary>Feature fusion only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public FeatureMixer FeatureMixer { get; init; }

    /// <summary>Which state of a tower's sequence stands for it; null: the mean of all, or what the plan says of a backbone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Pooling? Pooling { get; init; }

    /// <summary>Of own towers; null: bidirectional.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public AttentionKind? Attention { get; init; }

    /// <summary>The published model in place of own towers; null: trained from scratch.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public BackboneShape? Backbone { get; init; }
}
