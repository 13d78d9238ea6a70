namespace JointFusion.Experiments;

/// <summary>Options that are set, yet change nothing in one run's spec: an error, except at some points of a grid, where they are dropped.</summary>
/// <param name="KeyPath">Of an optional key.</param>
/// <param name="Because">Completes "it has no effect with ...".</param>
/// <param name="Cause">Key path of what makes it inert.</param>
internal sealed record InertOption(string KeyPath, string Because, string Cause)
{
    public static IEnumerable<InertOption> Of(ExperimentSpec spec) =>
        spec.Retriever.Backbone is null ? [.. WithoutBackbone(spec), .. Anyway(spec)] : [.. WithBackbone(spec), .. Anyway(spec)];

    /// <summary>What only a published model has.</summary>
    private static IEnumerable<InertOption> WithoutBackbone(ExperimentSpec spec)
    {
        const string because = "a retriever that is trained from scratch; retriever.backbone names a published model", cause = "retriever.backbone";
        var retriever = spec.Retriever;
        var options = new List<InertOption>();
        Unless(retriever.PoolingToken is null, "retriever.pooling_token");
        Unless(retriever.Prompt is null, "retriever.prompt");
        Unless(retriever.MaxTextTokens is null, "retriever.max_text_tokens");
        Unless(retriever.MaxPixels is null, "retriever.max_pixels");
        Unless(retriever.ImageMode == ImageMode.Exact, "retriever.image_mode");
        Unless(retriever.Lora is null, "retriever.lora");
        Unless(retriever.FusionTower is null, "retriever.fusion_tower");
        Unless(!spec.Resources.Recompute, "resources.recompute");
        for (var i = 0; i < spec.Stages.Length; i++)
            Unless(spec.Stages[i].Lora is null, $"stages[{i}].lora");
        return options;

        void Unless(bool isUnset, string key)
        {
            if (!isUnset)
                options.Add(new(key, because, cause));
        }
    }

    /// <summary>What a published model decides, or the kind that it is has no use for.</summary>
    private static IEnumerable<InertOption> WithBackbone(ExperimentSpec spec)
    {
        const string folder = "retriever.backbone";
        var retriever = spec.Retriever;
        const string processor = "a backbone, whose preprocessor_config.json says how pictures are resized and scaled";
        if (spec.Data.ImageSize is not null)
            yield return new("data.image_size", processor, folder);
        if (spec.Data.ImageMean is not null)
            yield return new("data.image_mean", processor, folder);
        if (spec.Data.ImageStd is not null)
            yield return new("data.image_std", processor, folder);
        if (retriever.Matching is not null)
            yield return new("retriever.matching", "a backbone, whose towers have sizes of their own", folder);
        if (retriever is { FeatureMixer: not null, Fusion: Fusion.Feature })
            yield return new("retriever.feature_mixer", "a backbone, over which retriever.fusion_tower joins the features", folder);
        if (retriever.Layers is not null)
            yield return new("retriever.layers", "a backbone, whose towers have as many as they were published with", folder);
        if (retriever is { FusionLayer: not null, Fusion: Fusion.Early })
            yield return new("retriever.fusion_layer", "a backbone, whose parts meet in every layer, as it was published", folder);
        if (retriever.FusionTower is not null && retriever.Fusion != Fusion.Feature)
            yield return new("retriever.fusion_tower", $"retriever.fusion {SpecKeys.Name(retriever.Fusion.ToString())}; feature has such a tower", "retriever.fusion");
        if (retriever is { PoolingToken: not null, Pooling: not Pooling.Token })
            yield return new("retriever.pooling_token", "another pooling than token", "retriever.pooling");
        if (retriever.Lora is not null && !spec.Stages.IsEmpty && spec.Stages[0].Lora is not null)
            yield return new("retriever.lora", "stages[0].lora, which stands in its place from the first step", "stages[0].lora");
        if (BackboneRules.Config(retriever)?.Describe() is not { } model)
            yield break;
        if (model.Vision is null && retriever.Prompt is { Image: not null })
            yield return new("retriever.prompt.image", $"a {model.Model}, which takes texts alone", folder);
        if (model.Vision is null && retriever.Prompt is { Both: not null })
            yield return new("retriever.prompt.both", $"a {model.Model}, which takes texts alone", folder);
        if ((model.Patches is not null || model.Vision is null) && retriever.MaxPixels is not null)
            yield return new("retriever.max_pixels", $"a {model.Model}, whose pictures have one size or none", folder);
        if (model.Vision is null && retriever.ImageMode != ImageMode.Exact)
            yield return new("retriever.image_mode", $"a {model.Model}, which takes texts alone", folder);
        foreach (var (key, isSet) in ((string, bool)[])[("pooling", retriever.Pooling is not null), ("prompt", retriever.Prompt is not null), ("attention", retriever.Attention is not null)])
            if (model.IsDual && isSet)
                yield return new($"retriever.{key}", $"a {model.Model}, whose two towers have embeddings of their own", folder);
    }

    private static IEnumerable<InertOption> Anyway(ExperimentSpec spec)
    {
        var fusion = SpecKeys.Name(spec.Retriever.Fusion.ToString());
        if (spec.Retriever is { Matching: not null, Backbone: null } && spec.Retriever.Fusion.HasOneTower())
            yield return new("retriever.matching", $"retriever.fusion {fusion}, which has one tower", "retriever.fusion");
        if (spec.Retriever is { ModalityWeights: not null, Fusion: not Fusion.Score })
            yield return new("retriever.modality_weights", $"retriever.fusion {fusion}; score is a sum of two embeddings", "retriever.fusion");
        if (spec.Retriever is { FeatureMixer: not null, Fusion: not Fusion.Feature })
            yield return new("retriever.feature_mixer", $"retriever.fusion {fusion}; feature joins features", "retriever.fusion");
        if (spec.Retriever is { FusionLayer: not null, Fusion: not Fusion.Early })
            yield return new("retriever.fusion_layer", $"retriever.fusion {fusion}; early is where the parts meet in a layer", "retriever.fusion");
        if (spec.Retriever.LogitBias is not null && spec.Stages.All(stage => stage.Loss != Loss.Sigmoid))
            yield return new("retriever.logit_bias", "stages that all have loss softmax", "stages");
        if (spec.Data.Source.IsBuilt() && spec.Data.Root is not null)
            yield return new("data.root", $"data.source {SpecKeys.Name(spec.Data.Source.ToString())}, which is built into a cache of its own", "data.source");
        if (spec.Resources is { Workers.Min: > 0, ChunkSize: { } chunk } && spec.Stages.All(stage => chunk >= stage.ItemsAWorker(spec.Resources.Workers.Min)))
            yield return new("resources.chunk_size", "steps in which no worker encodes more items than that", "resources.workers");
        if (spec.Resources is { Workers.Max: 1, Transport: not Transport.SharedMemory })
            yield return new("resources.transport", "resources.workers 1, which exchanges nothing", "resources.workers");
        if (spec.Resources is { Workers.Max: 1, ShardOptimizer: true })
            yield return new("resources.shard_optimizer", "resources.workers 1, whose part is the whole", "resources.workers");
        for (var i = 0; i < spec.Stages.Length; i++)
            if (spec.Stages[i].NegativesWithin == spec.Stages[i].GlobalBatch)
                yield return new($"stages[{i}].negatives_within", $"a stages[{i}].global_batch of just so many rows", $"stages[{i}].global_batch");
        for (var i = 0; i < spec.Stages.Length; i++)
            if (spec.Stages[i] is { SubBatch: not null, Tasks.Length: 1 })
                yield return new($"stages[{i}].sub_batch", $"the one task of stages[{i}].tasks", $"stages[{i}].tasks");
    }
}
