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
/// is the embedding.
///   early    one tower with both inputs: summary, patches, tokens in one sequence
///   score    an image tower and a text tower, each with its own projection; present towers' embeddings are summed
///   feature  both towers without projections; each tower's normed outputs (its summary included) go through Linear Wt->Wf with bias,
///            plus a learned modality embedding [2, Wf], then a fusion transformer behind its own summary token [Wf], projected Wf->E
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

    /// <summary>Early fusion only.</summary>
    public TransformerShape? Joint { get; init; }

    /// <summary>Late fusion only.</summary>
    public TransformerShape? ImageTower { get; init; }

    /// <summary>Late fusion only.</summary>
    public TransformerShape? TextTower { get; init; }

    /// <summary>Feature fusion only.</summary>
    public TransformerShape? FusionTower { get; init; }

    /// <summary>The published model in place of own towers; null: trained from scratch.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public BackboneShape? Backbone { get; init; }
}
