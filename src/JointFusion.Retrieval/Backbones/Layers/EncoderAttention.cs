using JointFusion.Experiments;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Self-attention with a projection each for queries, keys, values and the result, all with biases.</summary>
internal sealed class EncoderAttention : Module<Tensor, Tensor?, Tensor>
{
    private readonly Projection query;
    private readonly Projection key;
    private readonly Projection value;
    private readonly Projection result;
    private readonly int heads;

    public EncoderAttention(EncoderShape shape, Placement placement) : base(nameof(EncoderAttention))
    {
        heads = shape.Heads;
        register_module("q_proj", query = new Projection(shape.Width, shape.Width, true, placement));
        register_module("k_proj", key = new Projection(shape.Width, shape.Width, true, placement));
        register_module("v_proj", value = new Projection(shape.Width, shape.Width, true, placement));
        register_module("out_proj", result = new Projection(shape.Width, shape.Width, true, placement));
    }

    /// <param name="blocked">See <see cref="AttentionMask"/>.</param>
    public override Tensor forward(Tensor input_NSW, Tensor? blocked) => result.call(
        Attention.Mix_NSW(query.call(input_NSW).SplitHeads(heads), key.call(input_NSW).SplitHeads(heads), value.call(input_NSW).SplitHeads(heads), blocked));
}
