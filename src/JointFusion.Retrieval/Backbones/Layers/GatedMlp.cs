using JointFusion.Experiments;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>down(activation(gate(x)) up(x)): SwiGLU or GeGLU (arXiv 2002.05202).</summary>
internal sealed class GatedMlp : Module<Tensor, Tensor>
{
    private readonly Projection gate;
    private readonly Projection up;
    private readonly Projection down;
    private readonly Activation activation;

    public GatedMlp(DecoderShape shape, Placement placement) : base(nameof(GatedMlp))
    {
        activation = shape.Activation;
        register_module("gate_proj", gate = new Projection(shape.Width, shape.MlpWidth, false, placement));
        register_module("up_proj", up = new Projection(shape.Width, shape.MlpWidth, false, placement));
        register_module("down_proj", down = new Projection(shape.MlpWidth, shape.Width, false, placement));
    }

    public override Tensor forward(Tensor input) => down.call(activation.Apply(gate.call(input)) * up.call(input));
}
