namespace JointFusion.Experiments;

/// <summary>A vision tower for pictures of any size in front of Qwen2 (Wang et al. 2024, arXiv 2409.12191).</summary>
public sealed record Qwen2VlConfig : BackboneConfig
{
    public int VocabSize { get; init; } = 152064;
    public int HiddenSize { get; init; } = 8192;
    public int IntermediateSize { get; init; } = 29568;
    public int NumHiddenLayers { get; init; } = 80;
    public int NumAttentionHeads { get; init; } = 64;

    /// <summary>Null: as many as query heads.</summary>
    public int? NumKeyValueHeads { get; init; } = 8;

    public string HiddenAct { get; init; } = "silu";
    public double RmsNormEps { get; init; } = 1e-5;
    public double RopeTheta { get; init; } = 1_000_000;
    public RopeScaling? RopeScaling { get; init; }
    public bool TieWordEmbeddings { get; init; }
    public bool UseSlidingWindow { get; init; }

    /// <summary>The token that stands for a merged patch; the library has no default.</summary>
    public long? ImageTokenId { get; init; }

    /// <summary>In front of a picture's tokens.</summary>
    public long VisionStartTokenId { get; init; } = 151652;

    /// <summary>Behind them.</summary>
    public long VisionEndTokenId { get; init; } = 151653;

    public Qwen2VlVisionConfig VisionConfig { get; init; } = new();

    public override BackboneShape Describe()
    {
        var (tensors, vision) = (Tensors(), VisionConfig);
        return new()
        {
            Model = ModelType,
            IsDual = false,
            Parameters = tensors.Sum(tensor => tensor.Count),
            ScoreParameters = 0,
            HeadParameters = 0,
            ImageWidth = HiddenSize,
            TextWidth = HiddenSize,
            EmbeddingWidth = HiddenSize,
            Vocabulary = VocabSize,
            Vision = new(vision.Depth, vision.EmbedDim, vision.EmbedDim, vision.MlpWidth, vision.NumHeads, FlopsEach(tensors, Factor.Patch)),
            Text = Tower(Shape, FlopsEach(tensors, Factor.Token)),
            MergedFlops = FlopsEach(tensors, Factor.Merged),
            PatchSize = vision.PatchSize,
            Merge = vision.SpatialMergeSize,
            PictureTokens = [ImageTokenId!.Value, VisionStartTokenId, VisionEndTokenId],
        };
    }

    public override BackboneConfig Shallow(int layers) => this with
    {
        NumHiddenLayers = Math.Min(layers, NumHiddenLayers),
        VisionConfig = VisionConfig with { Depth = Math.Min(layers, VisionConfig.Depth) },
    };

    internal override void List(TensorList tensors)
    {
        VisionConfig.List(tensors, "visual");
        tensors.Decoder("model", Shape);
    }

    internal override void Check(Func<string, Exception> fault)
    {
        if (UseSlidingWindow)
            throw fault("sets use_sliding_window; only whole attention is computed here.");
        if (ImageTokenId is null)
            throw fault("has no image_token_id.");
        if (RopeScaling?.MropeSection is not { Length: 3 } sections)
            throw fault("has no rope_scaling.mrope_section of three numbers.");
        if (RopeScaling.Kind is not ("default" or "mrope"))
            throw fault($"sets rope_scaling '{RopeScaling.Kind}'; known are default and mrope.");
        if (2 * sections.Sum() != HiddenSize / NumAttentionHeads)
            throw fault($"has rope_scaling.mrope_section [{string.Join(", ", sections)}], whose sum is not half of a head's width, {HiddenSize / NumAttentionHeads}.");
        if (VisionConfig.HiddenSize != HiddenSize)
            throw fault($"merges patches to {VisionConfig.HiddenSize}, but the decoder is {HiddenSize} wide.");
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
        Sections = RopeScaling?.MropeSection,
        Activation = ActivationNames.Parse(HiddenAct),
        InputBias = true,
        TiedHead = TieWordEmbeddings,
    };
}

/// <summary>Qwen2-VL's vision tower.</summary>
public sealed record Qwen2VlVisionConfig
{
    public int Depth { get; init; } = 32;
    public int EmbedDim { get; init; } = 1280;

    /// <summary>Width of a merged patch: the decoder's.</summary>
    public int HiddenSize { get; init; } = 3584;

    public string HiddenAct { get; init; } = "quick_gelu";
    public double MlpRatio { get; init; } = 4;
    public int NumHeads { get; init; } = 16;
    public int InChannels { get; init; } = 3;
    public int PatchSize { get; init; } = 14;

    /// <summary>So many patches a side become one position of the decoder.</summary>
    public int SpatialMergeSize { get; init; } = 2;

    public int TemporalPatchSize { get; init; } = 2;

    /// <summary>Numbers of a flattened patch.</summary>
    public int PatchWidth => InChannels * TemporalPatchSize * PatchSize * PatchSize;

    public int MlpWidth => (int)(EmbedDim * MlpRatio);

    internal void List(TensorList tensors, string prefix)
    {
        tensors.Add($"{prefix}.patch_embed.proj.weight", Factor.Patch, TensorPart.Body, EmbedDim, InChannels, TemporalPatchSize, PatchSize, PatchSize);
        for (var i = 0; i < Depth; i++)
        {
            var block = $"{prefix}.blocks.{i}";
            tensors.Norm($"{block}.norm1", EmbedDim);
            tensors.Linear($"{block}.attn.qkv", EmbedDim, 3 * EmbedDim, true, Factor.Patch);
            tensors.Linear($"{block}.attn.proj", EmbedDim, EmbedDim, true, Factor.Patch);
            tensors.Norm($"{block}.norm2", EmbedDim);
            tensors.Mlp($"{block}.mlp", EmbedDim, MlpWidth, Factor.Patch);
        }
        var joined = EmbedDim * SpatialMergeSize * SpatialMergeSize;
        tensors.Norm($"{prefix}.merger.ln_q", EmbedDim);
        tensors.Linear($"{prefix}.merger.mlp.0", joined, joined, true, Factor.Merged);
        tensors.Linear($"{prefix}.merger.mlp.2", joined, HiddenSize, true, Factor.Merged);
    }
}
