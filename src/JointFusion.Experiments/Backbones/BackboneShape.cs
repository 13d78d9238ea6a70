using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace JointFusion.Experiments;

/// <summary>The sizes of a published model that a plan needs, from its config.json.</summary>
public sealed record BackboneShape
{
    /// <summary>Its model_type, such as <c>qwen2_vl</c>.</summary>
    public required string Model { get; init; }

    /// <summary>Whether pictures and texts have a tower each, trained into one space (CLIP, SigLIP); else it is one sequence.</summary>
    public required bool IsDual { get; init; }

    /// <summary>Scalars, without an output matrix of its own: no embedding needs that.</summary>
    public required long Parameters { get; init; }

    /// <summary>Of these, scalars that its own similarities alone need; always frozen.</summary>
    public required long ScoreParameters { get; init; }

    /// <summary>Of these, scalars that its own embeddings need and the towers' states do not; frozen under feature fusion.</summary>
    public required long HeadParameters { get; init; }

    /// <summary>Of the states of pictures.</summary>
    public required int ImageWidth { get; init; }

    /// <summary>Of the states of texts.</summary>
    public required int TextWidth { get; init; }

    /// <summary>Of its own embeddings.</summary>
    public required int EmbeddingWidth { get; init; }

    /// <summary>Rows of the token table.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Null: it takes no pictures.</summary>
    public TowerShape? Vision { get; init; }

    /// <summary>Of the text tower, or the decoder.</summary>
    public required TowerShape Text { get; init; }

    /// <summary>Operations for each position that pictures have among tokens, in projectors and mergers.</summary>
    public required double MergedFlops { get; init; }

    /// <summary>Pixels a side; 0 where it takes no pictures.</summary>
    public required int PatchSize { get; init; }

    /// <summary>Of every picture; null: pictures of any size.</summary>
    public int? Patches { get; init; }

    /// <summary>So many patches a side become one position among tokens.</summary>
    public int Merge { get; init; } = 1;

    /// <summary>Places for tokens, those around a text included; null: no bound is learned.</summary>
    public int? Places { get; init; }

    /// <summary>Ids that stand for pictures in a sequence: no text may have them.</summary>
    public ImmutableArray<long> PictureTokens { get; init; } = [];

    /// <summary>Whether each token sees only those before it, as in the model's pretraining.</summary>
    [JsonIgnore]
    public bool IsCausal => Model != "paligemma";

    /// <summary>Positions among tokens of so many patches.</summary>
    public int MergedCount(int patches) => patches / (Merge * Merge);
}

/// <summary>What a tower of a published model costs.</summary>
/// <param name="Width">W, of the residual stream.</param>
/// <param name="AttentionWidth">Of all heads together.</param>
/// <param name="MlpWidth">Of all hidden layers of an MLP together.</param>
/// <param name="FlopsAPosition">Of all its products.</param>
/// <param name="ExtraPositions">Beside patches or tokens.</param>
public sealed record TowerShape(int Layers, int Width, int AttentionWidth, int MlpWidth, int Heads, double FlopsAPosition, int ExtraPositions = 0)
{
    /// <summary>Of one forward pass over a sequence; an absent one costs nothing.</summary>
    public double Flops(int positions)
    {
        double n = positions == 0 ? 0 : positions + ExtraPositions;
        return (n * FlopsAPosition) + (4 * n * n * AttentionWidth * Layers); // scores and their use, as in TransformerCost
    }

    /// <summary>What a forward pass keeps for its backward pass, in bytes.</summary>
    /// <param name="isTrained">Whether anything of the tower or before it is: else one layer at a time is all that there is of it.</param>
    public long ActivationBytes(int positions, KeptActivations kept, bool isTrained = true)
    {
        long n = positions == 0 ? 0 : positions + ExtraPositions;
        // As in TransformerCost: residuals and norms 4W, always float32 somewhere; queries, keys and values 3W, attention's output W, both sides of the MLP's activation.
        var layer = n * ((4L * Width * sizeof(float)) + (((4L * AttentionWidth) + (2L * MlpWidth)) * kept.BytesANumber) + (kept.Scores ? Heads * n * kept.BytesAScore : 0));
        return !isTrained ? layer : kept.InputsAlone ? (Layers * n * Width * kept.BytesANumber) + layer : Layers * layer;
    }
}

/// <summary>What a published model's forward pass keeps for its backward pass.</summary>
/// <param name="InputsAlone">Of each layer the input, and one layer at a time whole: <c>resources.recompute</c>.</param>
/// <param name="Scores">Attention's weights: a GPU's kernels keep none.</param>
/// <param name="BytesANumber">Of products' factors.</param>
/// <param name="Vision">Whether anything of the tower of pictures is trained.</param>
public sealed record KeptActivations(bool InputsAlone = false, bool Scores = true, int BytesANumber = sizeof(float), bool Vision = true)
{
    /// <summary>In float32, and once more where products are rounded.</summary>
    public int BytesAScore => sizeof(float) + (BytesANumber < sizeof(float) ? BytesANumber : 0);
}
