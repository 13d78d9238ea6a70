using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>The layers of a tower, one after the other.</summary>
internal sealed class EncoderStack : Module<Tensor, Tensor?, Trace?, Tensor>
{
    private readonly ModuleList<EncoderLayer> layers;

    public EncoderStack(EncoderShape shape, Placement placement) : base(nameof(EncoderStack))
    {
        layers = ModuleList(Enumerable.Range(0, shape.Layers).Select(_ => new EncoderLayer(shape, placement)).ToArray());
        RegisterComponents();
    }

    /// <param name="trace">Is given <c>hidden_states.N</c>: N = 0 before the first layer, then after each.</param>
    public override Tensor forward(Tensor tokens_NSW, Tensor? blocked, Trace? trace)
    {
        trace?.Add("hidden_states.0", tokens_NSW);
        for (var i = 0; i < layers.Count; i++)
        {
            tokens_NSW = layers[i].call(tokens_NSW, blocked);
            trace?.Add($"hidden_states.{i + 1}", tokens_NSW);
        }
        return tokens_NSW;
    }
}
