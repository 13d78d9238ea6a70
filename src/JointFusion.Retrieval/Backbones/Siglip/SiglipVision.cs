using JointFusion.Experiments;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>SigLIP's image tower: patches through layers and a norm, and in SigLIP itself one embedding of them by <see cref="SiglipHead"/>.</summary>
internal sealed class SiglipVision : Module<Tensor, Trace?, Tensor>
{
    private readonly SiglipPatches embeddings;
    private readonly EncoderStack encoder;
    private readonly AffineNorm lastNorm;
    private readonly SiglipHead? head;

    public SiglipVision(SiglipVisionConfig config, Placement placement) : base(nameof(SiglipVision))
    {
        register_module("embeddings", embeddings = new SiglipPatches(config, placement));
        register_module("encoder", encoder = new EncoderStack(config.Shape, placement));
        register_module("post_layernorm", lastNorm = new AffineNorm(config.HiddenSize, config.LayerNormEps, placement));
        if (config.VisionUseHead)
            register_module("head", head = new SiglipHead(config, placement));
    }

    /// <returns>[N, W] where the tower has a head, else [N, P, W].</returns>
    public override Tensor forward(Tensor pixels, Trace? trace)
    {
        var last_NPW = States_NPW(pixels, trace);
        return head is null ? last_NPW : head.call(last_NPW);
    }

    /// <returns>[N, P, W], normed.</returns>
    public Tensor States_NPW(Tensor pixels, Trace? trace)
    {
        var last_NPW = lastNorm.call(encoder.call(embeddings.call(pixels), null, trace));
        trace?.Add("last_hidden_state", last_NPW);
        return last_NPW;
    }
}
