using static JointFusion.Experiments.SpecRules;

namespace JointFusion.Experiments;

/// <summary>What must hold for a spec's retriever, whatever it is; what a published model needs beside is <see cref="BackboneRules"/>'.</summary>
internal static class RetrieverRules
{
    public static IEnumerable<BrokenRule> Broken(RetrieverSpec retriever)
    {
        const string temperature = "retriever.temperature", minimum = "retriever.minimum_temperature", isFixed = "retriever.temperature_fixed";
        if (retriever.Temperature < retriever.MinimumTemperature)
            yield return new(
                $"{retriever.Temperature} is below {minimum} {retriever.MinimumTemperature}, which would clamp it from the start",
                temperature, minimum);
        if (retriever is { TemperatureFixed: true, MinimumTemperature: not RetrieverSpec.DefaultMinimumTemperature })
            yield return new($"it has no effect with {isFixed}; leave it out", minimum, isFixed);
        foreach (var broken in Depth(retriever).Concat(Sequence(retriever)))
            yield return broken;
        foreach (var broken in Positive(retriever.Temperature, temperature).Concat(Positive(retriever.MinimumTemperature, minimum)))
            yield return broken;
    }

    /// <summary>What a retriever that is trained from scratch can take of the words that it shares with backbones.</summary>
    private static IEnumerable<BrokenRule> Sequence(RetrieverSpec retriever)
    {
        const string pooling = "retriever.pooling", attention = "retriever.attention";
        if (retriever is { Backbone: not null, Pooling: Pooling.Summary })
            yield return new("a backbone has no summary token; last, token or mean", pooling, "retriever.backbone");
        if (retriever is { Backbone: null, Pooling: Pooling.Token })
            yield return new("a token by its name is of a backbone's prompt; mean, summary or last", pooling);
        if (retriever is { Backbone: null, Pooling: Pooling.Summary, Attention: AttentionKind.Causal })
            yield return new("the summary comes first, so that with causal attention it would see nothing but itself; mean or last", pooling, attention);
    }

    private static IEnumerable<BrokenRule> Depth(RetrieverSpec retriever)
    {
        const string layers = "retriever.layers", meeting = "retriever.fusion_layer";
        foreach (var broken in AtLeast(1, retriever.Layers ?? 1, layers))
            yield return broken;
        if (retriever is { Preset: { } preset, FusionLayer: { } layer } && PresetSize.Of(preset, retriever.Layers).Early.Layers is var blocks && (layer < 0 || layer > blocks))
            yield return new($"{layer} is not allowed; 0, the parts meet at once, to {blocks}, the tower's blocks: they never meet", meeting, layers, "retriever.preset");
    }
}
