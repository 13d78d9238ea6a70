using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Published models that turn pictures and texts into states, neither seeing the other.</summary>
public abstract class Towers : nn.Module
{
    private protected Towers(string name) : base(name)
    {
    }

    /// <summary>Of the positions that <see cref="Images"/> gives.</summary>
    internal abstract int ImageWidth { get; }

    /// <summary>Of the positions that <see cref="Texts"/> gives.</summary>
    internal abstract int TextWidth { get; }

    /// <summary>Freezes what only <see cref="EmbedImages"/> and <see cref="EmbedTexts"/> need.</summary>
    internal abstract void FreezeHeads();

    /// <summary>By group all states of its pictures; null where it has none.</summary>
    internal abstract IReadOnlyList<TokenSequence?> Images(IReadOnlyList<ModalityGroup> groups);

    /// <summary>By group all states of its texts; null where it has none.</summary>
    internal abstract IReadOnlyList<TokenSequence?> Texts(IReadOnlyList<ModalityGroup> groups);

    /// <returns>By group [N, E], not normalised; null where it has no pictures.</returns>
    internal abstract IReadOnlyList<Tensor?> EmbedImages(IReadOnlyList<ModalityGroup> groups);

    /// <returns>By group [N, E], not normalised; null where it has no texts.</returns>
    internal abstract IReadOnlyList<Tensor?> EmbedTexts(IReadOnlyList<ModalityGroup> groups);
}
