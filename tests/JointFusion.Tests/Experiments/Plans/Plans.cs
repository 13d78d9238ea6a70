using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Tests;

/// <summary>Plans of the small valid spec on a data set that has all it asks for.</summary>
internal static class Plans
{
    public static DataSummary Data { get; } = new(
        Root: Path.Combine(Path.GetTempPath(), "set"),
        ManifestHash: "0123456789abcdef",
        VocabularySize: 1_500,
        TrainQueries: ImmutableSortedDictionary<int, int>.Empty.Add(0, 900).Add(3, 800).Add(4, 0).Add(7, 700),
        HardNegatives: ImmutableSortedDictionary<int, int>.Empty.Add(0, 500).Add(7, 600),
        Splits: ["test", "unseen"]);

    public static RunPlan Of(ExperimentSpec spec, DataSummary? data = null, string run = "early", int cores = 4) =>
        ExperimentPlanner.Plan(spec, run, data ?? Data, cores, Backbone(spec.Retriever.Backbone)).Plan ?? throw new InvalidOperationException("The plan has faults.");

    /// <summary>Of the golden Qwen2-VL, wherever a spec says that it is.</summary>
    public static BackboneSummary? Backbone(string? folder, string content = "00112233aabbccdd") => folder is null ? null : new(
        folder, content, BackboneConfig.Read(Path.Combine(AppContext.BaseDirectory, "Goldens", "Backbones", "qwen2_vl")), MostPatches: 32, TokensAroundText: 0, Faults: []);
}
