using JointFusion.Experiments;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>CLIP's image tower: pooled at a class token.</summary>
internal sealed class ClipVision : Module<Tensor, Trace?, Tensor>
{
    private readonly ClipPatches embeddings;
    private readonly AffineNorm firstNorm;
    private readonly EncoderStack encoder;
    private readonly AffineNorm lastNorm;

    public ClipVision(ClipVisionConfig config, Placement placement) : base(nameof(ClipVision))
    {
        register_module("embeddings", embeddings = new ClipPatches(config, placement));
        // The name has this misspelling in every published file.
        register_module("pre_layrnorm", firstNorm = new AffineNorm(config.HiddenSize, config.LayerNormEps, placement));
        register_module("encoder", encoder = new EncoderStack(config.Shape, placement));
        register_module("post_layernorm", lastNorm = new AffineNorm(config.HiddenSize, config.LayerNormEps, placement));
    }

    /// <returns>[N, W].</returns>
    public override Tensor forward(Tensor pixels, Trace? trace)
    {
        var last_NSW = encoder.call(firstNorm.call(embeddings.call(pixels)), null, trace);
        trace?.Add("last_hidden_state", last_NSW);
        return lastNorm.call(last_NSW.select(1, 0));
    }

    /// <summary>The class token and the patches.</summary>
    /// <returns>[N, P + 1, W], normed.</returns>
    public Tensor States_NSW(Tensor pixels) => lastNorm.call(encoder.call(firstNorm.call(embeddings.call(pixels)), null, null));
}
