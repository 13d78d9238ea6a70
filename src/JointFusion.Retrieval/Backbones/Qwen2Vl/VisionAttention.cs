using JointFusion.Experiments;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Self-attention within each frame of each picture; queries and keys are rotated in float32.</summary>
internal sealed class VisionAttention : Module<Tensor, Rotation, Packing, Tensor>
{
    private readonly Projection inputs;
    private readonly Projection result;
    private readonly int heads;

    public VisionAttention(Qwen2VlVisionConfig config, Placement placement) : base(nameof(VisionAttention))
    {
        heads = config.NumHeads;
        register_module("qkv", inputs = new Projection(config.EmbedDim, 3 * config.EmbedDim, true, placement));
        register_module("proj", result = new Projection(config.EmbedDim, config.EmbedDim, true, placement));
    }

    public override Tensor forward(Tensor input_RW, Rotation rotation, Packing packing)
    {
        // Queries and keys are rotated together, as if they were twice as many heads; widened with the values, since a GPU is slow to widen a part.
        var parts_RW = inputs.call(input_RW);
        var rotated_RHK = rotation.Apply(parts_RW.Widened().PackedHeads(3 * heads).narrow(1, 0, 2 * heads)).to(input_RW.dtype).split(heads, 1);
        var values_RHK = parts_RW.PackedHeads(3 * heads).narrow(1, 2 * heads, heads);
        return result.call(Attention.Mix_RW(rotated_RHK[0].transpose(0, 1), rotated_RHK[1].transpose(0, 1), values_RHK.transpose(0, 1), packing));
    }
}
