namespace JointFusion.Experiments;

/// <summary>Qwen2's decoder (arXiv 2407.10671).</summary>
public sealed record Qwen2Config : BackboneConfig
{
    public int VocabSize { get; init; } = 151936;
    public int HiddenSize { get; init; } = 4096;
    public int IntermediateSize { get; init; } = 22016;
    public int NumHiddenLayers { get; init; } = 32;
    public int NumAttentionHeads { get; init; } = 32;

    /// <summary>Null: as many as query heads.</summary>
    public int? NumKeyValueHeads { get; init; } = 32;

    public string HiddenAct { get; init; } = "silu";
    public double RmsNormEps { get; init; } = 1e-6;
    public double RopeTheta { get; init; } = 10_000;
    public RopeScaling? RopeScaling { get; init; }
    public bool TieWordEmbeddings { get; init; }
    public bool UseSlidingWindow { get; init; }

    public override BackboneShape Describe() => DescribeText(Shape);

    public override BackboneConfig Shallow(int layers) => this with { NumHiddenLayers = Math.Min(layers, NumHiddenLayers) };

    internal override void List(TensorList tensors) => tensors.Decoder("model", Shape);

    internal override void Check(Func<string, Exception> fault)
    {
        if (UseSlidingWindow)
            throw fault("sets use_sliding_window; only whole attention is computed here.");
        if (RopeScaling is { Kind: not "default" } scaling)
            throw fault($"sets rope_scaling '{scaling.Kind}'; only unscaled positions are computed here.");
    }

    public DecoderShape Shape => new()
    {
        Vocabulary = VocabSize,
        Width = HiddenSize,
        MlpWidth = IntermediateSize,
        Layers = NumHiddenLayers,
        Heads = NumAttentionHeads,
        KeyHeads = NumKeyValueHeads ?? NumAttentionHeads,
        HeadWidth = HiddenSize / NumAttentionHeads,
        Epsilon = RmsNormEps,
        Theta = RopeTheta,
        Activation = ActivationNames.Parse(HiddenAct),
        InputBias = true,
        TiedHead = TieWordEmbeddings,
    };
}

/// <summary>How positions become angles, beyond the plain rule.</summary>
public sealed record RopeScaling
{
    /// <summary>The older name of <see cref="RopeType"/>.</summary>
    public string? Type { get; init; }

    public string? RopeType { get; init; }

    /// <summary>Of Qwen2-VL: how many frequencies follow time, height and width.</summary>
    public int[]? MropeSection { get; init; }

    internal string Kind => RopeType ?? Type ?? "default";
}
