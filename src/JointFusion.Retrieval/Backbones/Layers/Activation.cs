using JointFusion.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

internal static class Activations
{
    private const double QuickFactor = 1.702;

    public static Tensor Apply(this Activation activation, Tensor input) => activation switch
    {
        Activation.QuickGelu => input * input.Times(QuickFactor).sigmoid(),
        Activation.Gelu => nn.functional.gelu(input),
        Activation.GeluTanh => nn.functional.gelu(input, GELU.Approximate.tanh),
        _ => nn.functional.silu(input),
    };
}
