using JointFusion.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>The sum of the towers' embeddings, with learned weights or without; an absent part adds nothing (UniIR's score fusion).</summary>
public sealed class ScoreFusion : Module<IReadOnlyList<TokenSequence?>, IReadOnlyList<TokenSequence?>, Tensor>
{
    private readonly Linear projectImage;
    private readonly Linear projectText;
    private readonly ModalityWeights? weights;
    private readonly TowerPooling pooling;
    private readonly Precision precision;

    public ScoreFusion(RetrieverShape shape, Precision precision) : base(nameof(ScoreFusion))
    {
        this.precision = precision;
        projectImage = Linear(shape.ImageTower!.Width, shape.EmbeddingWidth, hasBias: false);
        projectText = Linear(shape.TextTower!.Width, shape.EmbeddingWidth, hasBias: false);
        weights = shape.ModalityWeights == ModalityWeighting.Learned ? new ModalityWeights() : null;
        pooling = new TowerPooling(shape.Pooling);
        RegisterComponents();
    }

    /// <param name="images">By group; null where it has no pictures.</param>
    /// <param name="texts">The same of texts.</param>
    /// <returns>[N, E].</returns>
    public override Tensor forward(IReadOnlyList<TokenSequence?> images, IReadOnlyList<TokenSequence?> texts) =>
        cat(images.Zip(texts, Sum_NE).ToArray(), 0);

    private Tensor Sum_NE(TokenSequence? image, TokenSequence? text)
    {
        var image_NE = image is null ? null : projectImage.Call(pooling.Pool_NW(image), precision);
        var text_NE = text is null ? null : projectText.Call(pooling.Pool_NW(text), precision);
        return weights is null ? ModalityWeights.Sum(image_NE, text_NE) : weights.call(image_NE, text_NE);
    }
}
