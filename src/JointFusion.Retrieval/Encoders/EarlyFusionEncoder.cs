using JointFusion.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>One tower: patches and tokens attend to each other in every layer.</summary>
public sealed class EarlyFusionEncoder : Module<IReadOnlyList<ModalityGroup>, Tensor>
{
    private readonly PatchEmbedding patches;
    private readonly TextEmbedding text;
    private readonly Transformer tower;
    private readonly Linear project;
    private readonly Precision precision;

    public EarlyFusionEncoder(RetrieverShape shape, Precision precision) : base(nameof(EarlyFusionEncoder))
    {
        var joint = shape.Joint ?? throw new ArgumentException("Early fusion needs a joint tower.", nameof(shape));
        this.precision = precision;
        patches = new PatchEmbedding(shape.PatchSize, shape.PatchesPerImage, joint.Width, precision);
        text = new TextEmbedding(shape.VocabularySize, shape.MaxTextTokens, joint.Width);
        tower = new Transformer(joint, precision);
        project = Linear(joint.Width, shape.EmbeddingWidth, hasBias: false);
        RegisterComponents();
    }

    /// <returns>[N, E], not yet normalised; the groups' items one after the other.</returns>
    public override Tensor forward(IReadOnlyList<ModalityGroup> groups)
    {
        var outputs = tower.call([.. patches.call(groups).Zip(text.call(groups), Input)]);
        return project.Call(cat(outputs.Select(Transformer.Mean_NW).ToArray(), 0), precision);
    }

    private static TokenSequence Input(TokenSequence? image, TokenSequence? words) => (image, words) switch
    {
        (not null, not null) => TokenSequence.Join(image, words),
        _ => image ?? words ?? throw new ArgumentException("Neither picture nor text."),
    };
}
