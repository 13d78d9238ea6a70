using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace JointFusion.Experiments;

/// <summary>One thing that decides the result and is not the same in two plans.</summary>
/// <param name="Key">As in a spec, such as <c>stages[1].learning_rate</c>.</param>
/// <param name="Before">JSON; <c>(not set)</c> where the key is at its default or its stage is not there.</param>
public sealed record ScienceDifference(string Key, string Before, string After)
{
    public override string ToString() => $"{Key}: {Before} -> {After}";
}

/// <summary>What decides a run's result, key by key: what <see cref="RunPlan.ScienceHash"/> is a hash of, for people to read.</summary>
public static partial class PlanScience
{
    private const string Shape = "retriever.shape.";

    /// <summary>In the order of a spec; empty if and only if the plans have one science hash.</summary>
    public static ImmutableArray<ScienceDifference> Differences(RunPlan before, RunPlan after)
    {
        var (old, now) = (Leaves(before), Leaves(after));
        ImmutableArray<ScienceDifference> all =
        [
            .. from key in old.Keys.Union(now.Keys)
               let was = old.GetValueOrDefault(key, "(not set)")
               let becomes = now.GetValueOrDefault(key, "(not set)")
               where was != becomes
               select new ScienceDifference(key, was, becomes),
        ];
        all = [.. all.Where(difference => !IsShape(difference) || !all.Any(key => key.Key == "retriever." + difference.Key[Shape.Length..]))];
        // The shape follows from the retriever's keys: it is told apart only where these do not explain it.
        return all.Any(difference => IsArchitecture(difference.Key) && !IsShape(difference))
            ? [.. all.Where(difference => !IsShape(difference))]
            : all;
    }

    /// <summary>Whether weights of one value fit another.</summary>
    internal static bool IsArchitecture(string key) =>
        key is "retriever.preset" or "retriever.layers" or "retriever.modality_weights" or "retriever.feature_mixer" or "retriever.backbone" or "retriever.fusion" or "retriever.matching" or "data.image_size" || key.StartsWith(Shape, StringComparison.Ordinal)
        || key.StartsWith("retriever.lora.", StringComparison.Ordinal) || key.StartsWith("retriever.fusion_tower.", StringComparison.Ordinal);

    /// <summary>Whether a key only says where a learnable scalar starts.</summary>
    internal static bool IsStart(string key) => key is "retriever.temperature" or "retriever.logit_bias";

    /// <summary>Index of the stage that a key belongs to.</summary>
    internal static int? StageIn(string key) =>
        StageKey().Match(key) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : null;

    private static bool IsShape(ScienceDifference difference) => difference.Key.StartsWith(Shape, StringComparison.Ordinal);

    private static Dictionary<string, string> Leaves(RunPlan plan)
    {
        var science = JsonSerializer.SerializeToNode(
            new
            {
                plan.Seed,
                Data = new { plan.Data.Source, plan.Data.ManifestHash, plan.Data.ImageSize, ImageMean = plan.Retriever.Pixels.Mean, ImageStd = plan.Retriever.Pixels.Std },
                Retriever = new
                {
                    plan.Retriever.Preset,
                    plan.Retriever.Shape.Fusion,
                    FusionLayer = plan.Retriever.Shape.FusionLayer is > 0 and var layer ? layer : (int?)null,
                    Layers = plan.Retriever.Preset is { } preset && plan.Retriever.Shape.Layers != PresetSize.Of(preset).Early.Layers ? plan.Retriever.Shape.Layers : null,
                    plan.Retriever.Matching,
                    plan.Retriever.Temperature,
                    plan.Retriever.MinimumTemperature,
                    TemperatureFixed = plan.Retriever.TemperatureFixed ? true : (bool?)null,
                    plan.Retriever.LogitBias,
                    Precision = plan.Retriever.Precision == Precision.Fp32 ? (Precision?)null : plan.Retriever.Precision,
                    Backbone = plan.Retriever.Backbone?.ContentHash,
                    ModalityWeights = plan.Retriever.Shape.ModalityWeights is var weights and not default(ModalityWeighting) ? weights : (ModalityWeighting?)null,
                    FeatureMixer = plan.Retriever.Shape.FeatureMixer is var mixer and not default(FeatureMixer) ? mixer : (FeatureMixer?)null,
                    Pooling = plan.Retriever.Backbone?.Pooling ?? plan.Retriever.Shape.Pooling,
                    plan.Retriever.Backbone?.PoolingToken,
                    plan.Retriever.Backbone?.Prompt,
                    Attention = plan.Retriever.Backbone?.Causal is { } causal ? causal ? AttentionKind.Causal : AttentionKind.Bidirectional : plan.Retriever.Shape.Attention,
                    plan.Retriever.Backbone?.MaxPixels,
                    ImageMode = plan.Retriever.Backbone is { ImageMode: not ImageMode.Exact and var mode } ? mode : (ImageMode?)null,
                    MaxTextTokens = plan.Retriever.Backbone is null ? (int?)null : plan.Retriever.Shape.MaxTextTokens,
                    FusionTower = plan.Retriever.Backbone is null ? null : plan.Retriever.Shape.FusionTower,
                    plan.Retriever.Backbone?.Lora,
                    plan.Retriever.Shape,
                },
                Stages = plan.Stages.Select(stage => stage.Spec),
                plan.Evaluation,
                plan.Fork,
            },
            JointFusionJson.Line);
        var leaves = new Dictionary<string, string>();
        Collect(science, "", leaves);
        return leaves;
    }

    private static void Collect(JsonNode? node, string path, Dictionary<string, string> leaves)
    {
        switch (node)
        {
            case null:
                break;
            case JsonObject record:
                foreach (var (name, member) in record)
                    Collect(member, path.Length == 0 ? name : $"{path}.{name}", leaves);
                break;
            case JsonArray list when list.Any(item => item is JsonObject):
                for (var i = 0; i < list.Count; i++)
                    Collect(list[i], $"{path}[{i}]", leaves);
                break;
            default:
                leaves[path] = node.ToJsonString(JointFusionJson.Line).Replace("\"", "", StringComparison.Ordinal);
                break;
        }
    }

    [GeneratedRegex(@"^stages\[(\d+)\]")]
    private static partial Regex StageKey();
}
