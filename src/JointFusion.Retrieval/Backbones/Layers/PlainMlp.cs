using JointFusion.Experiments;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Two projections with biases around an activation.</summary>
internal sealed class PlainMlp : Module<Tensor, Tensor>
{
    private readonly Projection up;
    private readonly Projection down;
    private readonly Activation activation;

    public PlainMlp(int width, int mlpWidth, Activation activation, Placement placement) : base(nameof(PlainMlp))
    {
        this.activation = activation;
        register_module("fc1", up = new Projection(width, mlpWidth, true, placement));
        register_module("fc2", down = new Projection(mlpWidth, width, true, placement));
    }

    public override Tensor forward(Tensor input) => down.call(activation.Apply(up.call(input)));
}
