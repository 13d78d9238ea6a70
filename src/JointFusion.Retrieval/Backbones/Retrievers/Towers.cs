using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Published models that turn pictures and texts into states, neither seeing the other.</summary>
public abstract class Towers : nn.Module
{
    private protected Towers(string name) : base(name)
    {
    }

    /// <summary>Of the positions that <see cref="Image"/> gives.</summary>
    internal abstract int ImageWidth { get; }

    /// <summary>Of the positions that <see cref="Text"/> gives.</summary>
    internal abstract int TextWidth { get; }

    /// <summary>Freezes what only <see cref="EmbedImage_NE"/> and <see cref="EmbedText_NE"/> need.</summary>
    internal abstract void FreezeHeads();

    /// <summary>All states of the group's pictures.</summary>
    internal abstract TokenSequence Image(ModalityGroup group);

    /// <summary>All states of the group's texts.</summary>
    internal abstract TokenSequence Text(ModalityGroup group);

    /// <returns>[N, E], not normalised.</returns>
    internal abstract Tensor EmbedImage_NE(ModalityGroup group);

    /// <returns>[N, E], not normalised.</returns>
    internal abstract Tensor EmbedText_NE(ModalityGroup group);
}
