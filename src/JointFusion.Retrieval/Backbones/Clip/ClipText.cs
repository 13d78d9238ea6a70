using JointFusion.Experiments;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>CLIP's text tower: causal, pooled where the text ends.</summary>
internal sealed class ClipText : Module<Tensor, Tensor?, Trace?, Tensor>
{
    /// <summary>What old configs say in place of the end's true id.</summary>
    private const long LegacyEnd = 2;

    private readonly TextPlaces embeddings;
    private readonly EncoderStack encoder;
    private readonly AffineNorm finalNorm;
    private readonly long end;

    public ClipText(ClipTextConfig config, Placement placement) : base(nameof(ClipText))
    {
        end = config.EosTokenId;
        register_module("embeddings", embeddings = new TextPlaces(config.VocabSize, config.MaxPositionEmbeddings, config.HiddenSize, placement));
        register_module("encoder", encoder = new EncoderStack(config.Shape, placement));
        register_module("final_layer_norm", finalNorm = new AffineNorm(config.HiddenSize, config.LayerNormEps, placement));
    }

    /// <returns>[N, W].</returns>
    public override Tensor forward(Tensor ids_NS, Tensor? present_NS, Trace? trace)
    {
        var last_NSW = States_NSW(ids_NS, present_NS, trace);
        var isEnd_NS = end == LegacyEnd ? ids_NS.eq(ids_NS.amax([1], keepdim: true)) : ids_NS.EqualTo(end);
        return Pooling.FirstWhere_NW(last_NSW, isEnd_NS);
    }

    /// <returns>[N, S, W], normed.</returns>
    public Tensor States_NSW(Tensor ids_NS, Tensor? present_NS, Trace? trace)
    {
        var blocked = AttentionMask.Blocked(present_NS, causal: true, ids_NS.size(1), ids_NS.device);
        var last_NSW = finalNorm.call(encoder.call(embeddings.call(ids_NS), blocked, trace));
        trace?.Add("last_hidden_state", last_NSW);
        return last_NSW;
    }
}
