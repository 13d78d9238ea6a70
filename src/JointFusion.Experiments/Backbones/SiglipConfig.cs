namespace JointFusion.Experiments;

/// <summary>Two towers trained with a sigmoid for each pair (Zhai et al. 2023, arXiv 2303.15343).</summary>
public sealed record SiglipConfig : BackboneConfig
{
    public SiglipTextConfig TextConfig { get; init; } = new();

    public SiglipVisionConfig VisionConfig { get; init; } = new();

    public override BackboneShape Describe()
    {
        var tensors = Tensors();
        return new()
        {
            Model = ModelType,
            IsDual = true,
            Parameters = tensors.Sum(tensor => tensor.Count),
            ScoreParameters = CountOf(tensors, TensorPart.Score),
            HeadParameters = CountOf(tensors, TensorPart.Head),
            ImageWidth = VisionConfig.HiddenSize,
            TextWidth = TextConfig.HiddenSize,
            EmbeddingWidth = TextConfig.ProjectionSize ?? TextConfig.HiddenSize,
            Vocabulary = TextConfig.VocabSize,
            Vision = Tower(VisionConfig.Shape, FlopsEach(tensors, Factor.Patch)),
            Text = Tower(TextConfig.Shape, FlopsEach(tensors, Factor.Token)),
            MergedFlops = 0,
            PatchSize = VisionConfig.PatchSize,
            Patches = VisionConfig.Patches,
            Places = TextConfig.MaxPositionEmbeddings,
        };
    }

    public override BackboneConfig Shallow(int layers) => this with
    {
        TextConfig = TextConfig with { NumHiddenLayers = Math.Min(layers, TextConfig.NumHiddenLayers) },
        VisionConfig = VisionConfig.Shallow(layers),
    };

    internal override void List(TensorList tensors)
    {
        var text = TextConfig;
        tensors.Add("logit_scale", null, TensorPart.Score, 1);
        tensors.Add("logit_bias", null, TensorPart.Score, 1);
        tensors.Add("text_model.embeddings.token_embedding.weight", text.VocabSize, text.HiddenSize);
        tensors.Add("text_model.embeddings.position_embedding.weight", text.MaxPositionEmbeddings, text.HiddenSize);
        tensors.Encoder("text_model.encoder", text.Shape, Factor.Token);
        tensors.Norm("text_model.final_layer_norm", text.HiddenSize);
        tensors.Linear("text_model.head", text.HiddenSize, text.ProjectionSize ?? text.HiddenSize, true, Factor.Item, TensorPart.Head);
        VisionConfig.List(tensors, "vision_model");
    }

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

    public EncoderShape Shape => new(HiddenSize, IntermediateSize, NumHiddenLayers, NumAttentionHeads, LayerNormEps, ActivationNames.Parse(HiddenAct));
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

    public int Patches => ImageSize / PatchSize * (ImageSize / PatchSize);

    internal SiglipVisionConfig Shallow(int layers) => this with { NumHiddenLayers = Math.Min(layers, NumHiddenLayers) };

    internal void List(TensorList tensors, string prefix)
    {
        tensors.Add($"{prefix}.embeddings.patch_embedding.weight", Factor.Patch, TensorPart.Body, HiddenSize, NumChannels, PatchSize, PatchSize);
        tensors.Add($"{prefix}.embeddings.patch_embedding.bias", HiddenSize);
        tensors.Add($"{prefix}.embeddings.position_embedding.weight", Patches, HiddenSize);
        tensors.Encoder($"{prefix}.encoder", Shape, Factor.Patch);
        tensors.Norm($"{prefix}.post_layernorm", HiddenSize);
        if (!VisionUseHead)
            return;
        tensors.Add($"{prefix}.head.probe", null, TensorPart.Head, 1, 1, HiddenSize);
        tensors.Add($"{prefix}.head.attention.in_proj_weight", Factor.Patch, TensorPart.Head, 3 * HiddenSize, HiddenSize);
        tensors.Add($"{prefix}.head.attention.in_proj_bias", null, TensorPart.Head, 3 * HiddenSize);
        tensors.Linear($"{prefix}.head.attention.out_proj", HiddenSize, HiddenSize, true, Factor.Item, TensorPart.Head);
        tensors.Norm($"{prefix}.head.layernorm", HiddenSize, TensorPart.Head);
        tensors.Mlp($"{prefix}.head.mlp", HiddenSize, IntermediateSize, Factor.Item, TensorPart.Head);
    }

    public EncoderShape Shape => new(HiddenSize, IntermediateSize, NumHiddenLayers, NumAttentionHeads, LayerNormEps, ActivationNames.Parse(HiddenAct));
}
