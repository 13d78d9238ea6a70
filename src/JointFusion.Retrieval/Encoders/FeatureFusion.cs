using JointFusion.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>A small transformer over both towers' outputs; absent parts are absent, and padding stays masked.</summary>
public sealed class FeatureFusion : Module<IReadOnlyList<TokenSequence?>, IReadOnlyList<TokenSequence?>, Tensor>
{
    private readonly Linear fromImage;
    private readonly Linear fromText;
    private readonly Parameter modalities_2W;
    private readonly Transformer tower;
    private readonly Linear project;
    private readonly TowerPooling pooling;
    private readonly Precision precision;

    public FeatureFusion(RetrieverShape shape, Precision precision)
        : this(
            shape.FusionTower ?? throw new ArgumentException("Feature fusion needs a fusion tower.", nameof(shape)),
            shape.ImageTower!.Width, shape.TextTower!.Width, shape.EmbeddingWidth, precision, shape.Attention, shape.Pooling)
    {
    }

    /// <param name="imageWidth">Of the positions that the image tower gives.</param>
    /// <param name="textWidth">Of those that the text tower gives.</param>
    /// <param name="attention">Of the fusion tower; null: bidirectional.</param>
    /// <param name="pooling">Of its states; null: their mean.</param>
    public FeatureFusion(
        TransformerShape fusion, int imageWidth, int textWidth, int embeddingWidth, Precision precision, AttentionKind? attention = null, Experiments.Pooling? pooling = null)
        : base(nameof(FeatureFusion))
    {
        (this.precision, this.pooling) = (precision, new TowerPooling(pooling));
        fromImage = Linear(imageWidth, fusion.Width);
        fromText = Linear(textWidth, fusion.Width);
        modalities_2W = Parameter(zeros(2, fusion.Width));
        tower = new Transformer(fusion, precision, attention);
        project = Linear(fusion.Width, embeddingWidth, hasBias: false);
        RegisterComponents();
    }

    /// <param name="images">By group; null where it has no pictures.</param>
    /// <param name="texts">The same of texts.</param>
    /// <returns>[N, E].</returns>
    public override Tensor forward(IReadOnlyList<TokenSequence?> images, IReadOnlyList<TokenSequence?> texts)
    {
        var outputs = tower.call([.. images.Zip(texts, Input)]);
        return project.Call(cat(outputs.Select(pooling.Pool_NW).ToArray(), 0), precision);
    }

    private TokenSequence Input(TokenSequence? image, TokenSequence? text) => (image, text) switch
    {
        (not null, not null) => TokenSequence.Join(Enter(image, fromImage, modality: 0), Enter(text, fromText, modality: 1)),
        (not null, null) => Enter(image, fromImage, modality: 0),
        (null, not null) => Enter(text, fromText, modality: 1),
        _ => throw new ArgumentException("Neither picture nor text."),
    };

    private TokenSequence Enter(TokenSequence features, Linear from, int modality) =>
        features with { Tokens_NSW = from.Call(features.Tokens_NSW, precision).Plus(modalities_2W.select(0, modality)) };
}
