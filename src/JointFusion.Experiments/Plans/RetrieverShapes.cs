namespace JointFusion.Experiments;

/// <summary>Derives every size of a retriever from its spec.</summary>
public static class RetrieverShapes
{
    /// <param name="imageSize">Pixels a side; a multiple of the preset's patch size.</param>
    /// <param name="vocabularySize">Entries of the tokenizer, specials included.</param>
    /// <exception cref="ArgumentException">The picture does not divide into patches, or the vocabulary is empty.</exception>
    public static RetrieverShape For(RetrieverSpec spec, int imageSize, int vocabularySize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(vocabularySize);
        var size = PresetSize.Of(spec.Preset);
        if (imageSize <= 0 || imageSize % size.PatchSize != 0)
            throw new ArgumentException($"{imageSize} pixels do not divide into patches of {size.PatchSize}.", nameof(imageSize));

        var patchesPerSide = imageSize / size.PatchSize;
        var early = new RetrieverShape
        {
            Fusion = Fusion.Early,
            EmbeddingWidth = size.EmbeddingWidth,
            PatchSize = size.PatchSize,
            PatchesPerImage = patchesPerSide * patchesPerSide,
            VocabularySize = vocabularySize,
            MaxTextTokens = size.MaxTextTokens,
            Joint = size.Early,
        };
        return spec.Fusion == Fusion.Early
            ? early
            : TowerMatching.Match(early, spec.Fusion, spec.Matching ?? Matching.Parameters, size.FusionLayers);
    }
}
