namespace JointFusion.Experiments;

/// <summary>Cost of a retriever by arithmetic alone, for planning and for matching retrievers to each other.</summary>
/// <remarks>
/// E embedding width, P patch size, V vocabulary, T most text tokens, N patches a picture, W a tower's width, Wf the fusion tower's.
/// The inputs are described at <see cref="RetrieverShape"/>; each transformer reads one summary token beside its inputs.
/// </remarks>
public static class RetrieverCost
{
    /// <summary>Tokens of the text in a nominal pair: an instruction-free M-BEIR or icons query is about this long.</summary>
    public const int NominalTextTokens = 16;

    /// <summary>Scalars, the temperature included; of a backbone without adapters.</summary>
    public static long Parameters(this RetrieverShape shape)
    {
        const int temperature = 1;
        long embedding = shape.EmbeddingWidth;
        if (shape.Backbone is { } backbone)
            return backbone.Parameters + FusionParameters(shape, backbone.ImageWidth, backbone.TextWidth) + WeightParameters(shape) + temperature;

        if (shape.Fusion.HasOneTower())
        {
            var joint = shape.Joint!;
            return ImageInput(shape, joint) + TextInput(shape, joint) + Tower(joint) + (joint.Width * embedding) + temperature;
        }

        TransformerShape image = shape.ImageTower!, text = shape.TextTower!;
        var towers = ImageInput(shape, image) + Tower(image) + TextInput(shape, text) + Tower(text) + temperature;
        if (shape.Fusion == Fusion.Score)
            return towers + ((image.Width + text.Width) * embedding) + WeightParameters(shape);

        return towers + FusionParameters(shape, image.Width, text.Width);
    }

    /// <summary>Floating point operations of one forward pass over one item. An absent part (0) costs nothing.</summary>
    /// <param name="patches">Of the item's picture; 0 without one.</param>
    /// <param name="tokens">Of the item's text; 0 without one.</param>
    public static double FlopsPerItem(this RetrieverShape shape, int patches, int tokens)
    {
        if (shape.Backbone is { } backbone)
            return BackboneFlops(shape, backbone, patches, tokens);
        if (shape.Fusion.HasOneTower())
        {
            var joint = shape.Joint!;
            var flops = 0.0;
            foreach (var (blocks, length) in Stretches(shape, patches, tokens))
                flops += blocks.ForwardFlops(length);
            return PatchFlops(shape, joint, patches) + flops + ProjectionFlops(shape, joint);
        }

        var (hasImage, hasText) = (patches > 0, tokens > 0);
        TransformerShape image = shape.ImageTower!, text = shape.TextTower!;
        var towers = (hasImage ? PatchFlops(shape, image, patches) + image.ForwardFlops(1 + patches) : 0)
            + (hasText ? text.ForwardFlops(1 + tokens) : 0);
        if (shape.Fusion == Fusion.Score)
            return towers + (hasImage ? ProjectionFlops(shape, image) : 0) + (hasText ? ProjectionFlops(shape, text) : 0);

        return towers + FusionFlops(shape, hasImage ? 1 + patches : 0, image.Width, hasText ? 1 + tokens : 0, text.Width);
    }

    /// <summary>
    /// Forward and backward of the nominal pair: a query of one picture and <see cref="NominalTextTokens"/> tokens, a candidate of one
    /// picture.
    /// </summary>
    /// <param name="hardNegatives">Further candidates that the query brings.</param>
    /// <inheritdoc cref="TrainingFlopsPerItem"/>
    public static double FlopsPerPair(this RetrieverShape shape, int hardNegatives = 0, bool keepsWeights = false, bool keepsVision = false)
    {
        var query = shape.TrainingFlopsPerItem(shape.PatchesPerImage, NominalTextTokens, keepsWeights, keepsVision);
        var candidate = shape.TrainingFlopsPerItem(shape.PatchesPerImage, tokens: 0, keepsWeights, keepsVision);
        return query + ((1 + hardNegatives) * candidate);
    }

    /// <summary>Floating point operations of one item's forward and backward pass. Backward costs twice as much: one product for the inputs' gradients, one for the weights'.</summary>
    /// <param name="keepsWeights">Whether the weights stay as they are: then the second product is not made, and adapters add little.</param>
    /// <param name="keepsVision">Whether nothing of a backbone's tower of pictures is trained: then no gradient goes through it.</param>
    public static double TrainingFlopsPerItem(this RetrieverShape shape, int patches, int tokens, bool keepsWeights, bool keepsVision)
    {
        var forward = shape.FlopsPerItem(patches, tokens);
        var passed = keepsVision ? forward - (shape.Backbone?.Vision?.Flops(patches) ?? 0) : forward;
        return forward + ((keepsWeights ? 1 : 2) * passed);
    }

    /// <summary>Tensors that one item's forward pass keeps for its backward pass, in bytes.</summary>
    /// <param name="kept">Of a backbone; another keeps float32.</param>
    public static long ActivationBytes(this RetrieverShape shape, int patches, int tokens, KeptActivations? kept = null)
    {
        if (shape.Backbone is { } backbone)
            return BackboneBytes(shape, backbone, patches, tokens, kept ?? new());
        if (shape.Fusion.HasOneTower())
        {
            var bytes = 0L;
            foreach (var (blocks, length) in Stretches(shape, patches, tokens))
                bytes += blocks.ActivationBytes(length);
            return bytes;
        }

        var imageLength = patches > 0 ? 1 + patches : 0;
        var textLength = tokens > 0 ? 1 + tokens : 0;
        return shape.ImageTower!.ActivationBytes(imageLength)
            + shape.TextTower!.ActivationBytes(textLength)
            + (shape.FusionTower?.ActivationBytes(1 + imageLength + textLength) ?? 0);
    }

    /// <summary>Of a joint tower, the sequences that an item's positions stand in, each in how many blocks: parts by themselves bring a summary each.</summary>
    private static (TransformerShape Blocks, int Length)[] Stretches(RetrieverShape shape, int patches, int tokens)
    {
        var joint = shape.Joint!;
        if (patches == 0 || tokens == 0 || shape.IsolatedLayers == 0)
            return [(joint, 1 + patches + tokens)];
        var (apart, together) = (joint with { Layers = shape.IsolatedLayers }, joint with { Layers = joint.Layers - shape.IsolatedLayers });
        return [(apart, 1 + patches), (apart, 1 + tokens), (together, 1 + patches + tokens)];
    }

    /// <summary>Prompts' tokens and heads of a few products an item are left out.</summary>
    private static double BackboneFlops(RetrieverShape shape, BackboneShape backbone, int patches, int tokens)
    {
        var merged = backbone.MergedCount(patches);
        var vision = (backbone.Vision?.Flops(patches) ?? 0) + (merged * backbone.MergedFlops);
        if (shape.Fusion == Fusion.Early)
            return vision + backbone.Text.Flops(merged + tokens);
        var towers = vision + backbone.Text.Flops(tokens) + (backbone.IsDual ? 0 : backbone.Text.Flops(merged));
        return shape.Fusion == Fusion.Score ? towers : towers + FusionFlops(shape, merged, backbone.ImageWidth, tokens, backbone.TextWidth);
    }

    private static long BackboneBytes(RetrieverShape shape, BackboneShape backbone, int patches, int tokens, KeptActivations kept)
    {
        var merged = backbone.MergedCount(patches);
        var vision = backbone.Vision?.ActivationBytes(patches, kept, kept.Vision) ?? 0;
        return shape.Fusion == Fusion.Early
            ? vision + backbone.Text.ActivationBytes(merged + tokens, kept)
            : vision + backbone.Text.ActivationBytes(tokens, kept) + (backbone.IsDual ? 0 : backbone.Text.ActivationBytes(merged, kept))
                + (shape.FusionTower?.ActivationBytes(1 + merged + tokens) ?? 0);
    }

    /// <summary>Of score fusion with learned weights: one a modality.</summary>
    private static long WeightParameters(RetrieverShape shape) => shape.ModalityWeights == ModalityWeighting.Learned ? 2 : 0;

    /// <summary>Of feature fusion: Linear Wt -> Wf with bias, one a tower, modalities, the transformer, the projection; or of pooled states. 0 otherwise.</summary>
    private static long FusionParameters(RetrieverShape shape, int imageWidth, int textWidth)
    {
        if (shape.FusionTower is not { } fusion)
            return shape.Fusion == Fusion.Feature ? ((imageWidth + textWidth) * (long)shape.EmbeddingWidth) + MixerParameters(shape, imageWidth + textWidth) : 0;
        long wf = fusion.Width;
        return ((imageWidth + 1) * wf) + ((textWidth + 1) * wf) + (2 * wf) + Tower(fusion) + (wf * shape.EmbeddingWidth);
    }

    /// <summary>Linear 2Wt -> M with bias and M -> E; or Linear 2Wt -> E with bias.</summary>
    private static long MixerParameters(RetrieverShape shape, int width) => shape.FeatureMixer == FeatureMixer.Mlp
        ? ((width + 1L) * shape.ImageTower!.MlpWidth) + ((long)shape.ImageTower.MlpWidth * shape.EmbeddingWidth)
        : (width + 1L) * shape.EmbeddingWidth;

    private static double MixerFlops(RetrieverShape shape, bool hasImage, bool hasText)
    {
        TransformerShape image = shape.ImageTower!, text = shape.TextTower!;
        var projections = (hasImage ? ProjectionFlops(shape, image) : 0) + (hasText ? ProjectionFlops(shape, text) : 0);
        double width = image.Width + text.Width, embedding = shape.EmbeddingWidth;
        return projections + (shape.FeatureMixer == FeatureMixer.Mlp ? 2 * image.MlpWidth * (width + embedding) : hasImage && hasText ? 2 * width * embedding : 0);
    }

    private static double FusionFlops(RetrieverShape shape, int imageOutputs, int imageWidth, int textOutputs, int textWidth)
    {
        if (shape.FusionTower is null)
            return MixerFlops(shape, imageOutputs > 0, textOutputs > 0);
        var fusion = shape.FusionTower;
        var bridges = 2.0 * fusion.Width * (((double)imageOutputs * imageWidth) + ((double)textOutputs * textWidth));
        return bridges + fusion.ForwardFlops(1 + imageOutputs + textOutputs) + ProjectionFlops(shape, fusion);
    }

    /// <summary>Patch Linear 3PP -> W with bias, and N positions.</summary>
    private static long ImageInput(RetrieverShape shape, TransformerShape tower) =>
        ((PatchValues(shape) + 1) * tower.Width) + ((long)shape.PatchesPerImage * tower.Width);

    /// <summary>Token table V x W, and T positions.</summary>
    private static long TextInput(RetrieverShape shape, TransformerShape tower) =>
        ((long)shape.VocabularySize + shape.MaxTextTokens) * tower.Width;

    /// <summary>The transformer and its summary token.</summary>
    private static long Tower(TransformerShape tower) => tower.Parameters() + tower.Width;

    private static long PatchValues(RetrieverShape shape) => 3L * shape.PatchSize * shape.PatchSize;

    private static double PatchFlops(RetrieverShape shape, TransformerShape tower, int patches) =>
        2.0 * patches * PatchValues(shape) * tower.Width;

    private static double ProjectionFlops(RetrieverShape shape, TransformerShape tower) => 2.0 * tower.Width * shape.EmbeddingWidth;
}
