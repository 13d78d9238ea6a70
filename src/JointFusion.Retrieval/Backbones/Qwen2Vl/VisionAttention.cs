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
        var qkv_HRK = inputs.call(input_RW).view(input_RW.size(0), 3, heads, -1).permute(1, 2, 0, 3).unbind(0);
        Tensor Rotated(Tensor heads_HRK) => rotation.Apply(heads_HRK).to(input_RW.dtype);
        return result.call(Attention.Mix_RW(Rotated(qkv_HRK[0]), Rotated(qkv_HRK[1]), qkv_HRK[2], packing));
    }
}
