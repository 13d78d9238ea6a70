namespace JointFusion.Experiments;

/// <summary>Gemma's decoder (arXiv 2403.08295).</summary>
public sealed record GemmaConfig : BackboneConfig
{
    public int VocabSize { get; init; } = 256000;
    public int HiddenSize { get; init; } = 3072;
    public int IntermediateSize { get; init; } = 24576;
    public int NumHiddenLayers { get; init; } = 28;
    public int NumAttentionHeads { get; init; } = 16;
    public int NumKeyValueHeads { get; init; } = 16;
    public int HeadDim { get; init; } = 256;

    /// <summary>Of the MLP; <c>hidden_activation</c>, which other versions read, is not looked at.</summary>
    public string HiddenAct { get; init; } = "gelu_pytorch_tanh";

    public double RmsNormEps { get; init; } = 1e-6;
    public double RopeTheta { get; init; } = 10_000;
    public bool AttentionBias { get; init; }
    public bool TieWordEmbeddings { get; init; } = true;

    public override BackboneShape Describe() => DescribeText(Shape);

    public override BackboneConfig Shallow(int layers) => this with { NumHiddenLayers = Math.Min(layers, NumHiddenLayers) };

    internal override void List(TensorList tensors) => tensors.Decoder("model", Shape);

    public DecoderShape Shape => new()
    {
        Vocabulary = VocabSize,
        Width = HiddenSize,
        MlpWidth = IntermediateSize,
        Layers = NumHiddenLayers,
        Heads = NumAttentionHeads,
        KeyHeads = NumKeyValueHeads,
        HeadWidth = HeadDim,
        Epsilon = RmsNormEps,
        Theta = RopeTheta,
        Activation = ActivationNames.Parse(HiddenAct),
        InputBias = AttentionBias,
        OutputBias = AttentionBias,
        OffsetNorms = true,
        ScaledEmbedding = true,
        TiedHead = TieWordEmbeddings,
    };
}
