using JointFusion.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>The sum of two embeddings, each times a learned weight: the exponential of a parameter, so that none turns negative. 1 at the start.</summary>
/// <remarks>A part by itself is not weighed: only the direction of an embedding counts.</remarks>
public sealed class ModalityWeights : Module<Tensor?, Tensor?, Tensor>
{
    private readonly Parameter logImage;
    private readonly Parameter logText;

    public ModalityWeights() : base(nameof(ModalityWeights))
    {
        logImage = Parameter(tensor(0f));
        logText = Parameter(tensor(0f));
        RegisterComponents();
    }

    /// <summary>As they are now.</summary>
    public PartWeights Values => new(Math.Exp(logImage.ToNumber()), Math.Exp(logText.ToNumber()));

    /// <param name="image_NE">Null: absent.</param>
    /// <param name="text_NE">Null: absent.</param>
    public override Tensor forward(Tensor? image_NE, Tensor? text_NE) => image_NE is null || text_NE is null
        ? Sum(image_NE, text_NE)
        : Sum(image_NE * logImage.exp(), text_NE * logText.exp());

    /// <summary>Without weights. An absent part adds nothing.</summary>
    public static Tensor Sum(Tensor? image_NE, Tensor? text_NE) => (image_NE, text_NE) switch
    {
        (not null, not null) => image_NE.Plus(text_NE),
        _ => image_NE ?? text_NE ?? throw new ArgumentException("Neither picture nor text."),
    };
}
