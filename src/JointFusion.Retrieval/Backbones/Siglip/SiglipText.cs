using JointFusion.Experiments;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>SigLIP's text tower: attends in both directions, pooled at the last place, whatever stands there.</summary>
internal sealed class SiglipText : Module<Tensor, Tensor?, Trace?, Tensor>
{
    private readonly TextPlaces embeddings;
    private readonly EncoderStack encoder;
    private readonly AffineNorm finalNorm;
    private readonly Projection head;

    public SiglipText(SiglipTextConfig config, Placement placement) : base(nameof(SiglipText))
    {
        register_module("embeddings", embeddings = new TextPlaces(config.VocabSize, config.MaxPositionEmbeddings, config.HiddenSize, placement));
        register_module("encoder", encoder = new EncoderStack(config.Shape, placement));
        register_module("final_layer_norm", finalNorm = new AffineNorm(config.HiddenSize, config.LayerNormEps, placement));
        register_module("head", head = new Projection(config.HiddenSize, config.ProjectionSize ?? config.HiddenSize, true, placement));
    }

    /// <returns>[N, E].</returns>
    public override Tensor forward(Tensor ids_NS, Tensor? present_NS, Trace? trace) => head.call(States_NSW(ids_NS, present_NS, trace).select(1, -1));

    /// <returns>[N, S, W], normed.</returns>
    public Tensor States_NSW(Tensor ids_NS, Tensor? present_NS, Trace? trace)
    {
        var blocked = AttentionMask.Blocked(present_NS, causal: false, ids_NS.size(1), ids_NS.device);
        var last_NSW = finalNorm.call(encoder.call(embeddings.call(ids_NS), blocked, trace));
        trace?.Add("last_hidden_state", last_NSW);
        return last_NSW;
    }
}
