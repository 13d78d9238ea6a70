using JointFusion.Experiments;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Grouped-query attention (arXiv 2305.13245) with rotary positions.</summary>
internal sealed class DecoderAttention : Module<Tensor, Rotation, Packing, Tensor>
{
    private readonly Projection query;
    private readonly Projection key;
    private readonly Projection value;
    private readonly Projection result;
    private readonly int heads;
    private readonly int keyHeads;

    public DecoderAttention(DecoderShape shape, Placement placement) : base(nameof(DecoderAttention))
    {
        (heads, keyHeads) = (shape.Heads, shape.KeyHeads);
        register_module("q_proj", query = new Projection(shape.Width, heads * shape.HeadWidth, shape.InputBias, placement));
        register_module("k_proj", key = new Projection(shape.Width, keyHeads * shape.HeadWidth, shape.InputBias, placement));
        register_module("v_proj", value = new Projection(shape.Width, keyHeads * shape.HeadWidth, shape.InputBias, placement));
        register_module("o_proj", result = new Projection(heads * shape.HeadWidth, shape.Width, shape.OutputBias, placement));
    }

    public override Tensor forward(Tensor input_RW, Rotation rotation, Packing packing) => result.call(Attention.Mix_RW(
        rotation.Apply(query.call(input_RW).PackedHeads(heads)).transpose(0, 1),
        rotation.Apply(key.call(input_RW).PackedHeads(keyHeads)).transpose(0, 1),
        value.call(input_RW).PackedHeads(keyHeads).transpose(0, 1),
        packing));
}
