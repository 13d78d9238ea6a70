namespace JointFusion.Retrieval;

/// <summary>Two towers trained with a sigmoid for each pair (Zhai et al. 2023, arXiv 2303.15343).</summary>
public sealed record SiglipConfig : BackboneConfig
{
    public SiglipTextConfig TextConfig { get; init; } = new();

    public SiglipVisionConfig VisionConfig { get; init; } = new();

    internal override Backbone Build(Placement placement, bool languageHead) => new SiglipBackbone(this, placement);
}

/// <summary>SigLIP's text tower.</summary>
public sealed record SiglipTextConfig
{
    public int VocabSize { get; init; } = 32000;
    public int HiddenSize { get; init; } = 768;
    public int IntermediateSize { get; init; } = 3072;
    public int NumHiddenLayers { get; init; } = 12;
    public int NumAttentionHeads { get; init; } = 12;
    public int MaxPositionEmbeddings { get; init; } = 64;
    public string HiddenAct { get; init; } = "gelu_pytorch_tanh";
    public double LayerNormEps { get; init; } = 1e-6;

    /// <summary>What every text is filled up with to <see cref="MaxPositionEmbeddings"/>, and attended to like any other token.</summary>
    public long PadTokenId { get; init; } = 1;

    /// <summary>Width of the text's embedding; null: that of the tower.</summary>
    public int? ProjectionSize { get; init; }

    internal EncoderShape Shape => new(HiddenSize, IntermediateSize, NumHiddenLayers, NumAttentionHeads, LayerNormEps, Activations.Parse(HiddenAct));
}

/// <summary>SigLIP's image tower, alone or in front of PaliGemma's decoder.</summary>
public sealed record SiglipVisionConfig
{
    public string ModelType { get; init; } = "siglip_vision_model";
    public int HiddenSize { get; init; } = 768;
    public int IntermediateSize { get; init; } = 3072;
    public int NumHiddenLayers { get; init; } = 12;
    public int NumAttentionHeads { get; init; } = 12;
    public int NumChannels { get; init; } = 3;
    public int ImageSize { get; init; } = 224;
    public int PatchSize { get; init; } = 16;
    public string HiddenAct { get; init; } = "gelu_pytorch_tanh";
    public double LayerNormEps { get; init; } = 1e-6;

    /// <summary>Whether the tower ends with attention pooling.</summary>
    public bool VisionUseHead { get; init; } = true;

    internal int Patches => ImageSize / PatchSize * (ImageSize / PatchSize);

    internal EncoderShape Shape => new(HiddenSize, IntermediateSize, NumHiddenLayers, NumAttentionHeads, LayerNormEps, Activations.Parse(HiddenAct));
}
