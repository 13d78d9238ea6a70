using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>A parameter of a published model, known from its config alone. A numerics test holds names and shapes to the modules.</summary>
/// <param name="Name">As in the checkpoint.</param>
/// <param name="Factor">What its matrix is multiplied with; null where it is none.</param>
/// <param name="IsProjection">Whether it is the weight of a linear layer that can be adapted.</param>
public sealed record BackboneTensor(string Name, ImmutableArray<long> Shape, Factor? Factor, bool IsProjection, TensorPart Part)
{
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Of the layer that it is the weight of.</summary>
    public string Layer => Name[..Name.LastIndexOf('.')];
}

/// <summary>What a matrix is multiplied with: how often an item needs it.</summary>
public enum Factor
{
    /// <summary>Each position of the vision tower.</summary>
    Patch,

    /// <summary>Each position that a picture has among a decoder's tokens, or that its projector makes.</summary>
    Merged,

    /// <summary>Each position of the text tower or the decoder.</summary>
    Token,

    /// <summary>A picture, or a text, as a whole.</summary>
    Item,
}

/// <summary>Which of a model's outputs need a parameter.</summary>
public enum TensorPart
{
    /// <summary>Its states.</summary>
    Body,

    /// <summary>Its own embeddings, but not the states of its towers.</summary>
    Head,

    /// <summary>Its own similarities alone.</summary>
    Score,
}
