namespace JointFusion.Experiments;

/// <summary>Derives every size of a retriever from its spec.</summary>
public static class RetrieverShapes
{
    /// <summary>Of texts for a backbone that has no bound of its own.</summary>
    public const int UnboundedTextTokens = 256;

    /// <summary>Of a retriever over a published model.</summary>
    public static RetrieverShape For(RetrieverSpec spec, BackboneSummary backbone)
    {
        var model = backbone.Config.Describe();
        return new()
        {
            Fusion = spec.Fusion,
            EmbeddingWidth = spec.FusionTower?.Width ?? model.EmbeddingWidth,
            PatchSize = model.PatchSize,
            PatchesPerImage = backbone.MostPatches,
            VocabularySize = model.Vocabulary,
            MaxTextTokens = spec.MaxTextTokens ?? (model.Places is { } places ? places - backbone.TokensAroundText : UnboundedTextTokens),
            FusionTower = spec.FusionTower?.Shape(),
            ModalityWeights = spec.ModalityWeights ?? default,
            Backbone = model,
        };
    }

    /// <param name="imageSize">Pixels a side; a multiple of the preset's patch size.</param>
    /// <param name="vocabularySize">Entries of the tokenizer, specials included.</param>
    /// <exception cref="ArgumentException">The picture does not divide into patches, or the vocabulary is empty.</exception>
    public static RetrieverShape For(RetrieverSpec spec, int imageSize, int vocabularySize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(vocabularySize);
        var size = PresetSize.Of(spec.Preset ?? throw new ArgumentException("A retriever over a backbone takes its sizes from there.", nameof(spec)), spec.Layers);
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
            ModalityWeights = spec.ModalityWeights ?? default,
            FeatureMixer = spec.FeatureMixer ?? default,
            Pooling = spec.Pooling is Pooling.Mean ? null : spec.Pooling,
            Attention = spec.Attention is AttentionKind.Bidirectional ? null : spec.Attention,
        };
        return spec.Fusion.HasOneTower()
            ? Isolated(early, spec.Fusion == Fusion.Isolated ? early.Joint.Layers : spec.FusionLayer ?? 0)
            : TowerMatching.Match(early, spec.Fusion, spec.Matching ?? Matching.Parameters, size.FusionLayers);
    }

    /// <summary>Parts that never meet are what isolated fusion is, whichever way the spec says so.</summary>
    /// <param name="layers">In which they do not.</param>
    private static RetrieverShape Isolated(RetrieverShape early, int layers) =>
        layers < early.Joint!.Layers ? early with { FusionLayer = layers } : early with { Fusion = Fusion.Isolated };
}
