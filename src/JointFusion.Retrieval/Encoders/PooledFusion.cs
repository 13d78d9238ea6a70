using JointFusion.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Feature fusion over one state of each tower, rather than over all its positions.</summary>
/// <remarks>
/// With x and y of width W, 0 where the part is absent, and [x y] end to end:
/// <code>
///   mlp      P x + Q y + V gelu(U [x y] + b)                        score fusion, and what no sum can express on top of it
///   gated    g * P x + (1 - g) * Q y,  g = sigmoid(U [x y] + b)     a gate a dimension (Arevalo et al. 2017, arXiv 1702.01992, without tanh)
/// </code>
/// The mixers of composed image retrieval (Baldrati et al. 2022, arXiv 2203.08101) join such a gate and such an MLP. An item of one part has no gate.
/// </remarks>
public sealed class PooledFusion : Module<IReadOnlyList<TokenSequence?>, IReadOnlyList<TokenSequence?>, Tensor>
{
    private readonly Linear projectImage;
    private readonly Linear projectText;
    private readonly Linear both;
    private readonly Linear? down;
    private readonly TowerPooling pooling;
    private readonly Precision precision;

    public PooledFusion(RetrieverShape shape, Precision precision) : base(nameof(PooledFusion))
    {
        var (image, text, embedding) = (shape.ImageTower!, shape.TextTower!, shape.EmbeddingWidth);
        (this.precision, pooling) = (precision, new TowerPooling(shape.Pooling));
        projectImage = Linear(image.Width, embedding, hasBias: false);
        projectText = Linear(text.Width, embedding, hasBias: false);
        var isMlp = shape.FeatureMixer == FeatureMixer.Mlp;
        both = Linear(image.Width + text.Width, isMlp ? image.MlpWidth : embedding);
        down = isMlp ? Linear(image.MlpWidth, embedding, hasBias: false) : null;
        RegisterComponents();
    }

    /// <param name="images">By group; null where it has no pictures.</param>
    /// <param name="texts">The same of texts.</param>
    /// <returns>[N, E].</returns>
    public override Tensor forward(IReadOnlyList<TokenSequence?> images, IReadOnlyList<TokenSequence?> texts) =>
        cat(images.Zip(texts, (image, text) => Mix_NE(image is null ? null : pooling.Pool_NW(image), text is null ? null : pooling.Pool_NW(text))).ToArray(), 0);

    private Tensor Mix_NE(Tensor? image_NW, Tensor? text_NW)
    {
        var image_NE = image_NW is null ? null : projectImage.Call(image_NW, precision);
        var text_NE = text_NW is null ? null : projectText.Call(text_NW, precision);
        var sum_NE = ModalityWeights.Sum(image_NE, text_NE);
        if (down is null && (image_NE is null || text_NE is null))
            return sum_NE;
        var mixed = both.Call(cat([image_NW ?? Absent(text_NW!, projectImage), text_NW ?? Absent(image_NW!, projectText)], 1), precision);
        return down is not null
            ? sum_NE.Plus(down.Call(functional.gelu(mixed), precision))
            : text_NE!.Plus(mixed.sigmoid() * (image_NE! - text_NE!));
    }

    /// <param name="projection">Of the absent part.</param>
    private static Tensor Absent(Tensor present_NW, Linear projection) =>
        zeros(present_NW.size(0), projection.weight!.size(1), present_NW.dtype, present_NW.device);
}
