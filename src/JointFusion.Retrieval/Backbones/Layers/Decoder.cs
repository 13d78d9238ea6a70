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

    /// <param name="trace">Is given <c>hidden_states.N</c>, the input of layer N, and <c>last_hidden_state</c>, each [N, S, W]: for sequences of one length.</param>
    /// <returns>[R, W], normed.</returns>
    public override Tensor forward(DecoderInput input, Trace? trace)
    {
        var tokens_RW = shape.ScaledEmbedding
            ? input.Embedded_RW * tensor(Math.Sqrt(shape.Width), input.Embedded_RW.dtype).Sent(input.Embedded_RW.device)
            : input.Embedded_RW;
        var rotation = Rotation.By(Angles_RF(input.Positions), tokens_RW.dtype);
        for (var i = 0; i < layers.Count; i++)
        {
            trace?.Add($"hidden_states.{i}", input.Packing.Only(tokens_RW));
            var layer = layers[i];
            tokens_RW = Recomputation.Call(Recompute, layer, states_RW => layer.call(states_RW, rotation, input.Packing), tokens_RW);
        }
        var normed_RW = norm.call(tokens_RW);
        trace?.Add("last_hidden_state", input.Packing.Only(normed_RW));
        return normed_RW;
    }

    /// <returns>F = K / 2.</returns>
    private Tensor Angles_RF(Tensor positions)
    {
        var frequencies = Rotation.Frequencies(shape.HeadWidth / 2, shape.Theta, positions.device);
        var angles = positions.to(ScalarType.Float32).unsqueeze(-1) * frequencies;
        if (shape.Sections is not { } sections)
            return angles;
        // M-RoPE: the first frequencies turn with time, the next with height, the last with width.
        var parts = angles.split([.. sections.Select(size => (long)size)], -1);
        return cat(parts.Select((part_3RF, axis) => part_3RF.select(0, axis)).ToArray(), -1);
    }
}

/// <param name="Embedded_RW">Tokens of all sequences and what stands in their place, before any scaling.</param>
/// <param name="Positions">Int64 [R]; [3, R] where the shape has sections.</param>
/// <param name="Packing">Whose rows they are, and who sees whom.</param>
internal sealed record DecoderInput(Tensor Embedded_RW, Tensor Positions, Packing Packing);
