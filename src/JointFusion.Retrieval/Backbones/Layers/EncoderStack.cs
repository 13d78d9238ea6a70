using JointFusion.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>The layers of a tower, one after the other.</summary>
internal sealed class EncoderStack : Module<Tensor, Tensor?, Trace?, Tensor>, IRecomputing
{
    private readonly ModuleList<EncoderLayer> layers;

    public EncoderStack(EncoderShape shape, Placement placement) : base(nameof(EncoderStack))
    {
        layers = ModuleList(Enumerable.Range(0, shape.Layers).Select(_ => new EncoderLayer(shape, placement)).ToArray());
        RegisterComponents();
    }

    public bool Recompute { private get; set; }

    /// <param name="trace">Is given <c>hidden_states.N</c>: N = 0 before the first layer, then after each.</param>
    public override Tensor forward(Tensor tokens_NSW, Tensor? blocked, Trace? trace)
    {
        trace?.Add("hidden_states.0", tokens_NSW);
        for (var i = 0; i < layers.Count; i++)
        {
            var layer = layers[i];
            tokens_NSW = Recomputation.Call(Recompute, layer, states_NSW => layer.call(states_NSW, blocked), tokens_NSW);
            trace?.Add($"hidden_states.{i + 1}", tokens_NSW);
        }
        return tokens_NSW;
    }
}
