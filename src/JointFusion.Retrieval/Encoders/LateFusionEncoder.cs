using JointFusion.Experiments;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Two towers that never see each other's input; a fusion of <see cref="ScoreFusion"/>, <see cref="FeatureFusion"/> or <see cref="PooledFusion"/> joins what comes out.</summary>
public sealed class LateFusionEncoder : Module<IReadOnlyList<ModalityGroup>, Tensor>
{
    private readonly PatchEmbedding patches;
    private readonly Transformer imageTower;
    private readonly TextEmbedding text;
    private readonly Transformer textTower;
    private readonly Module<IReadOnlyList<TokenSequence?>, IReadOnlyList<TokenSequence?>, Tensor> fusion;

    public LateFusionEncoder(RetrieverShape shape, Precision precision) : base(nameof(LateFusionEncoder))
    {
        var image = shape.ImageTower ?? throw new ArgumentException("Late fusion needs an image tower.", nameof(shape));
        var words = shape.TextTower ?? throw new ArgumentException("Late fusion needs a text tower.", nameof(shape));
        patches = new PatchEmbedding(shape.PatchSize, shape.PatchesPerImage, image.Width, precision);
        imageTower = new Transformer(image, precision, shape.Attention);
        text = new TextEmbedding(shape.VocabularySize, shape.MaxTextTokens, words.Width);
        textTower = new Transformer(words, precision, shape.Attention);
        fusion = shape.Fusion == Fusion.Score ? new ScoreFusion(shape, precision)
            : shape.FeatureMixer == FeatureMixer.Transformer ? new FeatureFusion(shape, precision)
            : new PooledFusion(shape, precision);
        RegisterComponents();
    }

    /// <returns>[N, E], not yet normalised; the groups' items one after the other.</returns>
    public override Tensor forward(IReadOnlyList<ModalityGroup> groups) => fusion.call(
        Through(imageTower, patches.call(groups)),
        Through(textTower, text.call(groups)));

    /// <summary>By group, as they come; null where the group has no such part.</summary>
    private static TokenSequence?[] Through(Transformer tower, IReadOnlyList<TokenSequence?> inputs)
    {
        var outputs = new Queue<TokenSequence>(tower.call([.. inputs.OfType<TokenSequence>()]));
        return [.. inputs.Select(input => input is null ? null : outputs.Dequeue())];
    }
}
