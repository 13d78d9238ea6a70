namespace JointFusion.Experiments;

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

    public override BackboneShape Describe()
    {
        var tensors = Tensors();
        var side = Vision.ImageSize / Vision.PatchSize;
        return new()
        {
            Model = ModelType,
            IsDual = true,
            Parameters = tensors.Sum(tensor => tensor.Count),
            ScoreParameters = CountOf(tensors, TensorPart.Score),
            HeadParameters = CountOf(tensors, TensorPart.Head),
            ImageWidth = Vision.HiddenSize,
            TextWidth = Text.HiddenSize,
            EmbeddingWidth = ProjectionDim,
            Vocabulary = Text.VocabSize,
            Vision = Tower(Vision.Shape, FlopsEach(tensors, Factor.Patch), extraPositions: 1),
            Text = Tower(Text.Shape, FlopsEach(tensors, Factor.Token)),
            MergedFlops = 0,
            PatchSize = Vision.PatchSize,
            Patches = side * side,
            Places = Text.MaxPositionEmbeddings,
        };
    }

    public override BackboneConfig Shallow(int layers) => this with
    {
        TextConfig = Text with { NumHiddenLayers = Math.Min(layers, Text.NumHiddenLayers) },
        TextConfigDict = null,
        VisionConfig = Vision with { NumHiddenLayers = Math.Min(layers, Vision.NumHiddenLayers) },
        VisionConfigDict = null,
    };

    internal override void List(TensorList tensors)
    {
        tensors.Add("logit_scale", null, TensorPart.Score);
        tensors.Add("text_model.embeddings.token_embedding.weight", Text.VocabSize, Text.HiddenSize);
        tensors.Add("text_model.embeddings.position_embedding.weight", Text.MaxPositionEmbeddings, Text.HiddenSize);
        tensors.Encoder("text_model.encoder", Text.Shape, Factor.Token);
        tensors.Norm("text_model.final_layer_norm", Text.HiddenSize);
        var side = Vision.ImageSize / Vision.PatchSize;
        tensors.Add("vision_model.embeddings.class_embedding", Vision.HiddenSize);
        tensors.Add("vision_model.embeddings.patch_embedding.weight", Factor.Patch, TensorPart.Body, Vision.HiddenSize, Vision.NumChannels, Vision.PatchSize, Vision.PatchSize);
        tensors.Add("vision_model.embeddings.position_embedding.weight", (side * side) + 1, Vision.HiddenSize);
        tensors.Norm("vision_model.pre_layrnorm", Vision.HiddenSize);
        tensors.Encoder("vision_model.encoder", Vision.Shape, Factor.Patch);
        tensors.Norm("vision_model.post_layernorm", Vision.HiddenSize);
        tensors.Linear("text_projection", Text.HiddenSize, ProjectionDim, false, Factor.Item, TensorPart.Head);
        tensors.Linear("visual_projection", Vision.HiddenSize, ProjectionDim, false, Factor.Item, TensorPart.Head);
    }

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

    public EncoderShape Shape => new(HiddenSize, IntermediateSize, NumHiddenLayers, NumAttentionHeads, LayerNormEps, ActivationNames.Parse(HiddenAct));
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

    public EncoderShape Shape => new(HiddenSize, IntermediateSize, NumHiddenLayers, NumAttentionHeads, LayerNormEps, ActivationNames.Parse(HiddenAct));
}
