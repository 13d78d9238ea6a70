using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>Retrievers beside the plain one of each fusion, by what a spec says of them.</summary>
public static class Arms
{
    private static readonly Dictionary<string, RetrieverSpec> All = new()
    {
        ["early after 1 of 3 blocks"] = new() { Fusion = Fusion.Early, Layers = 3, FusionLayer = 1 },
        ["early by its summary"] = new() { Fusion = Fusion.Early, Pooling = Pooling.Summary },
        ["early, causal, by the last"] = new() { Fusion = Fusion.Early, Attention = AttentionKind.Causal, Pooling = Pooling.Last },
        ["isolated, causal"] = new() { Fusion = Fusion.Isolated, Attention = AttentionKind.Causal },
        ["score with weights"] = new() { Fusion = Fusion.Score, ModalityWeights = ModalityWeighting.Learned },
        ["score with weights at equal flops"] = new() { Fusion = Fusion.Score, ModalityWeights = ModalityWeighting.Learned, Matching = Matching.Flops },
        ["feature by mlp"] = new() { Fusion = Fusion.Feature, FeatureMixer = FeatureMixer.Mlp },
        ["feature by mlp at equal flops"] = new() { Fusion = Fusion.Feature, FeatureMixer = FeatureMixer.Mlp, Matching = Matching.Flops },
        ["feature gated"] = new() { Fusion = Fusion.Feature, FeatureMixer = FeatureMixer.Gated },
        ["feature by its summary"] = new() { Fusion = Fusion.Feature, Pooling = Pooling.Summary },
    };

    public static TheoryData<string> Names => [.. All.Keys];

    public static RetrieverSpec Spec(string name) => All[name] with { Preset = Preset.Nano };
}
