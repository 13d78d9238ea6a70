using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Patches from the vision tower's width to the decoder's.</summary>
internal sealed class ImageProjector : Module<Tensor, Tensor>
{
    private readonly Projection linear;

    public ImageProjector(int width, int projected, Placement placement) : base(nameof(ImageProjector)) =>
        register_module("linear", linear = new Projection(width, projected, true, placement));

    public override Tensor forward(Tensor patches_NPW) => linear.call(patches_NPW);
}
