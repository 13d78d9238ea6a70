using JointFusion.Experiments;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>SigLIP's image tower under the name that it has within another model.</summary>
internal sealed class SiglipTower : Module<Tensor, Trace?, Tensor>
{
    private readonly SiglipVision vision;

    public SiglipTower(SiglipVisionConfig config, Placement placement) : base(nameof(SiglipTower)) =>
        register_module("vision_model", vision = new SiglipVision(config, placement));

    public override Tensor forward(Tensor pixels, Trace? trace) => vision.call(pixels, trace);
}
