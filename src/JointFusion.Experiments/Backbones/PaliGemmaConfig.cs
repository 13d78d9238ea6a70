namespace JointFusion.Experiments;

/// <summary>SigLIP's image tower in front of Gemma (Beyer et al. 2024, arXiv 2407.07726).</summary>
public sealed record PaliGemmaConfig : BackboneConfig
{
    /// <summary>The token that stands for a patch.</summary>
    public long ImageTokenIndex { get; init; } = 256000;

    /// <summary>Width that patches are projected to: the decoder's.</summary>
    public int ProjectionDim { get; init; } = 2048;

    public SiglipVisionConfig VisionConfig { get; init; } = new()
    {
        HiddenSize = 1152,
        IntermediateSize = 4096,
        NumHiddenLayers = 27,
        NumAttentionHeads = 16,
        PatchSize = 14,
        VisionUseHead = false,
    };

    public GemmaConfig TextConfig { get; init; } = new()
    {
        VocabSize = 257152,
        HiddenSize = 2048,
        IntermediateSize = 16384,
        NumHiddenLayers = 18,
        NumAttentionHeads = 8,
        NumKeyValueHeads = 1,
    };

    public override BackboneShape Describe()
    {
        var tensors = Tensors();
        var width = TextConfig.HiddenSize;
        return new()
        {
            Model = ModelType,
            IsDual = false,
            Parameters = tensors.Sum(tensor => tensor.Count),
            ScoreParameters = 0,
            HeadParameters = 0,
            ImageWidth = width,
            TextWidth = width,
            EmbeddingWidth = width,
            Vocabulary = TextConfig.VocabSize,
            Vision = Tower(VisionConfig.Shape, FlopsEach(tensors, Factor.Patch)),
            Text = Tower(TextConfig.Shape, FlopsEach(tensors, Factor.Token)),
            MergedFlops = FlopsEach(tensors, Factor.Merged),
            PatchSize = VisionConfig.PatchSize,
            Patches = VisionConfig.Patches,
            PictureTokens = [ImageTokenIndex],
        };
    }

    public override BackboneConfig Shallow(int layers) => this with
    {
        VisionConfig = VisionConfig.Shallow(layers),
        TextConfig = TextConfig with { NumHiddenLayers = Math.Min(layers, TextConfig.NumHiddenLayers) },
    };

    internal override void List(TensorList tensors)
    {
        VisionConfig.List(tensors, "vision_tower.vision_model");
        tensors.Linear("multi_modal_projector.linear", VisionConfig.HiddenSize, ProjectionDim, true, Factor.Merged);
        tensors.Decoder("language_model.model", TextConfig.Shape);
    }

    internal override void Check(Func<string, Exception> fault)
    {
        if (TextConfig.ModelType is not ("" or "gemma"))
            throw fault($"has the text model '{TextConfig.ModelType}'; only gemma is known here.");
        if (VisionConfig.ModelType != "siglip_vision_model")
            throw fault($"has the vision model '{VisionConfig.ModelType}'; only siglip_vision_model is known here.");
        if (VisionConfig.VisionUseHead)
            throw fault("sets vision_use_head, which is not computed here: published models have none.");
        if (ProjectionDim != TextConfig.HiddenSize)
            throw fault($"projects patches to {ProjectionDim}, but the decoder is {TextConfig.HiddenSize} wide.");
    }
}
