using JointFusion.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>A table of tokens, layers, and a final norm.</summary>
internal sealed class Decoder : Module<DecoderInput, Trace?, Tensor>, IRecomputing
{
    private readonly TokenTable table;
    private readonly ModuleList<DecoderLayer> layers;
    private readonly RootMeanSquareNorm norm;
    private readonly DecoderShape shape;

    public Decoder(DecoderShape shape, Placement placement) : base(nameof(Decoder))
    {
        this.shape = shape;
        register_module("embed_tokens", table = new TokenTable(shape.Vocabulary, shape.Width, placement));
        register_module("layers", layers = ModuleList(Enumerable.Range(0, shape.Layers).Select(_ => new DecoderLayer(shape, placement)).ToArray()));
        register_module("norm", norm = new RootMeanSquareNorm(shape.Width, shape.Epsilon, shape.OffsetNorms, placement));
    }

    public TokenTable Table => table;

    public bool Recompute { private get; set; }

    /// <param name="trace">Is given <c>hidden_states.N</c>, the input of layer N, and <c>last_hidden_state</c>.</param>
    /// <returns>[N, S, W], normed.</returns>
    public override Tensor forward(DecoderInput input, Trace? trace)
    {
        var tokens_NSW = shape.ScaledEmbedding
            ? input.Embedded_NSW * tensor(Math.Sqrt(shape.Width), input.Embedded_NSW.dtype, input.Embedded_NSW.device)
            : input.Embedded_NSW;
        var rotation = Rotation.By(Angles(input.Positions), tokens_NSW.dtype);
        for (var i = 0; i < layers.Count; i++)
        {
            trace?.Add($"hidden_states.{i}", tokens_NSW);
            var layer = layers[i];
            tokens_NSW = Recomputation.Call(Recompute, states_NSW => layer.call(states_NSW, rotation, input.Blocked), tokens_NSW);
        }
        var normed_NSW = norm.call(tokens_NSW);
        trace?.Add("last_hidden_state", normed_NSW);
        return normed_NSW;
    }

    /// <returns>[N, S, K / 2].</returns>
    private Tensor Angles(Tensor positions)
    {
        var frequencies = Rotation.Frequencies(shape.HeadWidth / 2, shape.Theta, positions.device);
        var angles = positions.to(ScalarType.Float32).unsqueeze(-1) * frequencies;
        if (shape.Sections is not { } sections)
            return angles;
        // M-RoPE: the first frequencies turn with time, the next with height, the last with width.
        var parts = angles.split([.. sections.Select(size => (long)size)], -1);
        return cat(parts.Select((part_3NSF, axis) => part_3NSF.select(0, axis)).ToArray(), -1);
    }
}

/// <param name="Embedded_NSW">Tokens and what stands in their place, before any scaling.</param>
/// <param name="Positions">Int64 [N, S] or [1, S]; [3, N, S] where the shape has sections.</param>
/// <param name="Blocked">See <see cref="AttentionMask"/>.</param>
internal sealed record DecoderInput(Tensor Embedded_NSW, Tensor Positions, Tensor? Blocked);
