using JointFusion.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Patches that were flattened by the processor, each projected: what the reference writes as a convolution with strides of a patch.</summary>
internal sealed class FlatPatches : Module<Tensor, Tensor>
{
    private readonly PatchKernel kernel;

    public FlatPatches(Qwen2VlVisionConfig config, Placement placement) : base(nameof(FlatPatches)) =>
        register_module("proj", kernel = new PatchKernel(config, placement));

    public override Tensor forward(Tensor patches_RX) => kernel.call(patches_RX);

    private sealed class PatchKernel : Module<Tensor, Tensor>
    {
        private readonly Parameter weight;
        private readonly ScalarType? compute;

        public PatchKernel(Qwen2VlVisionConfig config, Placement placement) : base(nameof(PatchKernel))
        {
            compute = placement.Compute;
            weight = placement.Unfilled(config.EmbedDim, config.InChannels, config.TemporalPatchSize, config.PatchSize, config.PatchSize);
            RegisterComponents();
        }

        public override Tensor forward(Tensor patches_RX)
        {
            var used = weight.In(compute);
            return functional.linear(patches_RX.to(used.dtype), used.flatten(1));
        }
    }
}
