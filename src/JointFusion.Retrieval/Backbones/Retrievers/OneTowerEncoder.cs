using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Early fusion over a published model: a picture and a text in one sequence, and one state of it as the embedding; E = W.</summary>
public sealed class OneTowerEncoder : Module<IReadOnlyList<ModalityGroup>, Tensor>
{
    private readonly PromptedBackbone prompted;
    private readonly SequenceBackbone backbone;
    private readonly SequencePooling pooling;

    public OneTowerEncoder(PromptedBackbone prompted, SequencePooling pooling) : base(nameof(OneTowerEncoder))
    {
        (this.prompted, this.pooling) = (prompted, pooling);
        register_module(nameof(backbone), backbone = prompted.Model);
    }

    /// <returns>[N, E], not yet normalised; the groups' items one after the other.</returns>
    public override Tensor forward(IReadOnlyList<ModalityGroup> groups)
    {
        var (states_RW, sequences) = prompted.Encode(groups, backbone.parameters().First().device);
        return sequences.Pool_NW(states_RW, pooling).Widened();
    }
}
