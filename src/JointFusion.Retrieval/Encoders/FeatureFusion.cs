using JointFusion.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>A small transformer over both towers' outputs; absent parts are absent, and padding stays masked.</summary>
public sealed class FeatureFusion : Module<TokenSequence?, TokenSequence?, Tensor>
{
    private readonly Linear fromImage;
    private readonly Linear fromText;
    private readonly Parameter modalities_2W;
    private readonly Transformer tower;
    private readonly Linear project;
    private readonly Precision precision;

    public FeatureFusion(RetrieverShape shape, Precision precision) : base(nameof(FeatureFusion))
    {
        var fusion = shape.FusionTower ?? throw new ArgumentException("Feature fusion needs a fusion tower.", nameof(shape));
        this.precision = precision;
        fromImage = Linear(shape.ImageTower!.Width, fusion.Width);
        fromText = Linear(shape.TextTower!.Width, fusion.Width);
        modalities_2W = Parameter(zeros(2, fusion.Width));
        tower = new Transformer(fusion, precision);
        project = Linear(fusion.Width, shape.EmbeddingWidth, hasBias: false);
        RegisterComponents();
    }

    /// <returns>[N, E].</returns>
    public override Tensor forward(TokenSequence? image, TokenSequence? text)
    {
        var inputs = new List<TokenSequence>(2);
        if (image is not null)
            inputs.Add(Enter(image, fromImage, modality: 0));
        if (text is not null)
            inputs.Add(Enter(text, fromText, modality: 1));
        var output = tower.call(TokenSequence.Join(inputs.ToArray()));
        return project.Call(Transformer.Mean_NW(output), precision);
    }

    private TokenSequence Enter(TokenSequence features, Linear from, int modality) =>
        features with { Tokens_NSW = from.Call(features.Tokens_NSW, precision).Plus(modalities_2W.select(0, modality)) };
}
