namespace JointFusion.Retrieval;

/// <summary>Two towers trained with a softmax over pairs (Radford et al. 2021, arXiv 2103.00020).</summary>
public sealed record ClipConfig : BackboneConfig
{
    /// <summary>Width of the space that both towers are projected to.</summary>
    public int ProjectionDim { get; init; } = 512;

    public ClipTextConfig TextConfig { get; init; } = new();

    public ClipVisionConfig VisionConfig { get; init; } = new();

    /// <summary>Of old files: where it is there, it counts in place of <see cref="TextConfig"/>.</summary>
    public ClipTextConfig? TextConfigDict { get; init; }

    /// <summary>Of old files: where it is there, it counts in place of <see cref="VisionConfig"/>.</summary>
    public ClipVisionConfig? VisionConfigDict { get; init; }

    public ClipTextConfig Text => TextConfigDict ?? TextConfig;

    public ClipVisionConfig Vision => VisionConfigDict ?? VisionConfig;

    internal override Backbone Build(Placement placement, bool languageHead) => new ClipBackbone(this, placement);
}

/// <summary>CLIP's text tower.</summary>
public sealed record ClipTextConfig
{
    public int VocabSize { get; init; } = 49408;
    public int HiddenSize { get; init; } = 512;
    public int IntermediateSize { get; init; } = 2048;
    public int NumHiddenLayers { get; init; } = 12;
    public int NumAttentionHeads { get; init; } = 8;
    public int MaxPositionEmbeddings { get; init; } = 77;
    public string HiddenAct { get; init; } = "quick_gelu";
    public double LayerNormEps { get; init; } = 1e-5;

    /// <summary>End of text, where the pooled state is taken. 2, which old files say, stands for the first place of the highest id.</summary>
    public long EosTokenId { get; init; } = 49407;

    internal EncoderShape Shape => new(HiddenSize, IntermediateSize, NumHiddenLayers, NumAttentionHeads, LayerNormEps, Activations.Parse(HiddenAct));
}

/// <summary>CLIP's image tower.</summary>
public sealed record ClipVisionConfig
{
    public int HiddenSize { get; init; } = 768;
    public int IntermediateSize { get; init; } = 3072;
    public int NumHiddenLayers { get; init; } = 12;
    public int NumAttentionHeads { get; init; } = 12;
    public int NumChannels { get; init; } = 3;
    public int ImageSize { get; init; } = 224;
    public int PatchSize { get; init; } = 32;
    public string HiddenAct { get; init; } = "quick_gelu";
    public double LayerNormEps { get; init; } = 1e-5;

    internal EncoderShape Shape => new(HiddenSize, IntermediateSize, NumHiddenLayers, NumAttentionHeads, LayerNormEps, Activations.Parse(HiddenAct));
}
