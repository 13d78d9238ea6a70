using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>x W' + b.</summary>
public sealed class Projection : Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter? bias;

    internal Projection(int inputs, int outputs, bool hasBias, Placement placement) : base(nameof(Projection))
    {
        weight = placement.Unfilled(outputs, inputs);
        bias = hasBias ? placement.Unfilled(outputs) : null;
        RegisterComponents();
    }

    /// <param name="input">[..., inputs].</param>
    /// <returns>[..., outputs].</returns>
    public override Tensor forward(Tensor input) => functional.linear(input, weight, bias);
}
