using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

/// <summary>
/// Walks every key of a spec by reflection and changes it alone. A key that is added later fails here until it is either part of the
/// science or listed below as not.
/// </summary>
public sealed class PlanHashesTests
{
    /// <summary>What may change without changing a result.</summary>
    private static readonly string[] OutsideTheScience =
        ["name", "data.root", "retriever.backbone", "resources.recompute", "checkpoints.every_steps", "checkpoints.keep", "checkpoints.keep_best", "checkpoints.keep_every", "checkpoints.mirror", "health.stop_on", "health.collapse_below", "health.patience", "resources.workers", "resources.device", "resources.chunk_size", "resources.transport", "resources.shard_optimizer", "resources.priority", "resources.labels"];

    /// <summary>Of these the plan hash depends too: the same arithmetic in another order.</summary>
    private static readonly string[] OutsideTheScienceButInThePlan = ["resources.recompute", "resources.workers", "resources.device", "resources.chunk_size", "resources.shard_optimizer"];

    /// <summary>Late, so that matching has an effect.</summary>
    private static readonly ExperimentSpec Spec = SpecTexts.Spec(SpecTexts.With("fusion: early", "fusion: score"));

    /// <summary>Of one tower, in which parts can meet.</summary>
    private static readonly ExperimentSpec EarlySpec = Spec with { Retriever = Spec.Retriever with { Fusion = Fusion.Early, FusionLayer = 0 } };

    /// <summary>Keys that only a published model has.</summary>
    private static readonly string[] OfBackbones =
        ["retriever.backbone", "retriever.pooling", "retriever.pooling_token", "retriever.prompt", "retriever.attention", "retriever.max_text_tokens", "retriever.max_pixels", "retriever.image_mode", "retriever.lora", "retriever.fusion_tower", "stages[0].lora", "resources.recompute"];

    private static readonly ExperimentSpec BackboneSpec = Spec with
    {
        Retriever = new RetrieverSpec
        {
            Backbone = "/there",
            Fusion = Fusion.Feature,
            Pooling = Pooling.Token,
            PoolingToken = "<emb>",
            Attention = AttentionKind.Causal,
            Prompt = new PromptTemplates { Text = "{text}<emb>", Image = "{image}<emb>", Both = "{image}{text}<emb>" },
            FusionTower = new FusionTower { Layers = 1, Width = 8, Heads = 2, MlpWidth = 16 },
        },
    };

    public static TheoryData<string> Keys() => [.. Paths(typeof(ExperimentSpec), "").Where(path => !path.StartsWith("sweep", StringComparison.Ordinal))];

    [Fact]
    public void Should_know_every_key_when_the_test_walks_the_spec()
    {
        var keys = Paths(typeof(ExperimentSpec), "").ToList();

        Assert.Contains("stages[0].clip_norm", keys);
        Assert.Contains("evaluation.pools", keys);
        Assert.All(OutsideTheScience, key => Assert.Contains(key, keys));
        Assert.All(OfBackbones, key => Assert.Contains(key, keys));
        Assert.Equal(80, keys.Count);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Should_change_the_science_hash_exactly_when_the_key_decides_the_result(string key)
    {
        var (before, after) = (Plans.Of(Base(key)), Plans.Of((ExperimentSpec)Changed(Base(key), key.Split('.'))));

        Assert.Equal(OutsideTheScience.Contains(key), before.ScienceHash == after.ScienceHash);
        Assert.Equal(OutsideTheScience.Except(OutsideTheScienceButInThePlan).Contains(key), before.PlanHash == after.PlanHash);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Should_name_the_key_exactly_when_the_science_hash_changes(string key)
    {
        var sigmoid = Base(key) with { Stages = [.. Spec.Stages.Select(stage => stage with { Loss = Loss.Sigmoid })] }; // Only there a bias has an effect.
        var differences = PlanScience.Differences(Plans.Of(sigmoid), Plans.Of((ExperimentSpec)Changed(sigmoid, key.Split('.'))));

        // One tower is matched to nothing, so that a change of fusion changes that too.
        Assert.Equal(OutsideTheScience.Contains(key) ? [] : [key], differences.Select(difference => difference.Key).Where(name => name == key || name != "retriever.matching")
            .Select(name => name.StartsWith(key + "[", StringComparison.Ordinal) || name.StartsWith(key + ".", StringComparison.Ordinal) ? key : name).Distinct());
    }

    [Fact]
    public void Should_change_the_science_hash_when_the_data_does_and_not_when_it_moves()
    {
        var plan = Plans.Of(Spec);

        Assert.NotEqual(plan.ScienceHash, Plans.Of(Spec, Plans.Data with { ManifestHash = "fedcba9876543210" }).ScienceHash);
        Assert.Equal(plan.PlanHash, Plans.Of(Spec, Plans.Data with { Root = "/elsewhere" }, run: "other").PlanHash);
    }

    [Fact]
    public void Should_change_the_plan_hash_alone_when_the_threads_do()
    {
        var (four, eight) = (Plans.Of(Spec, cores: 4), Plans.Of(Spec, cores: 8));

        Assert.Equal(four.ScienceHash, eight.ScienceHash);
        Assert.NotEqual(four.PlanHash, eight.PlanHash);
    }

    [Fact]
    public void Should_change_the_plan_hash_alone_when_the_transport_adds_in_another_order()
    {
        var plans = Enum.GetValues<Transport>().ToDictionary(
            transport => transport, transport => Plans.Of(Spec with { Resources = Spec.Resources with { Device = Device.Cuda, Transport = transport } }));

        Assert.Single(plans.Values.Select(plan => plan.ScienceHash).Distinct());
        Assert.Equal(plans[Transport.SharedMemory].PlanHash, plans[Transport.Tcp].PlanHash);
        Assert.NotEqual(plans[Transport.SharedMemory].PlanHash, plans[Transport.Nccl].PlanHash);
    }

    [Fact]
    public void Should_share_the_lineage_up_to_the_stage_when_a_later_one_differs()
    {
        var other = Spec with { Stages = Spec.Stages.SetItem(1, Spec.Stages[1] with { Steps = 41 }) };

        var (before, after) = (Plans.Of(Spec).Stages, Plans.Of(other).Stages);

        Assert.Equal(before[0].LineageHash, after[0].LineageHash);
        Assert.NotEqual(before[1].LineageHash, after[1].LineageHash);
    }

    [Fact]
    public void Should_share_the_lineage_when_only_the_evaluation_differs()
    {
        var other = Spec with { Evaluation = new EvaluationSpec { Splits = ["unseen"] } };

        Assert.Equal(Plans.Of(Spec).Stages[1].LineageHash, Plans.Of(other).Stages[1].LineageHash);
    }

    [Fact]
    public void Should_be_the_same_science_when_a_default_is_spelled_out()
    {
        var spelledOut = Spec with { Retriever = Spec.Retriever with { Matching = Matching.Parameters } };

        Assert.Equal(Plans.Of(Spec).PlanHash, Plans.Of(spelledOut).PlanHash);
    }

    [Fact]
    public void Should_have_sixteen_hex_digits_and_stay_as_they_were_when_the_code_changes()
    {
        // Golden: if this moves, checkpoints of older runs are no longer found. Raise PlanHashes.Version only when results change.
        Assert.Matches("^[0-9a-f]{16}$", Plans.Of(Spec).ScienceHash);
        Assert.Equal("47238d993f6438e4", Plans.Of(Spec).ScienceHash);
    }

    [Fact]
    public void Should_change_the_science_hash_when_the_content_of_the_backbone_does()
    {
        var plans = ((string[])["00112233aabbccdd", "ffeeddccbbaa0011"]).Select(content =>
            ExperimentPlanner.Plan(BackboneSpec, "early", Plans.Data, cores: 4, Plans.Backbone("/there", content)).Plan!).ToArray();

        Assert.NotEqual(plans[0].ScienceHash, plans[1].ScienceHash);
        Assert.Equal(["retriever.backbone: 00112233aabbccdd -> ffeeddccbbaa0011"], PlanScience.Differences(plans[0], plans[1]).Select(difference => difference.ToString()));
    }

    private static ExperimentSpec Base(string key) => OfBackbones.Contains(key) ? BackboneSpec : key switch
    {
        "retriever.fusion_layer" => EarlySpec,
        "retriever.feature_mixer" => Spec with { Retriever = Spec.Retriever with { Fusion = Fusion.Feature } },
        _ => Spec,
    };

    private static IEnumerable<string> Paths(Type record, string prefix)
    {
        foreach (var property in record.GetProperties().Where(property => property.CanWrite))
        {
            var path = prefix + Key(property);
            var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (IsSpec(type))
                foreach (var inner in Paths(type, path + "."))
                    yield return inner;
            else if (type.IsGenericType && IsSpec(type.GetGenericArguments()[0]))
                foreach (var inner in Paths(type.GetGenericArguments()[0], path + "[0]."))
                    yield return inner;
            else
                yield return path;
        }
    }

    private static bool IsSpec(Type type) => type.Namespace == typeof(ExperimentSpec).Namespace && type.Name.EndsWith("Spec", StringComparison.Ordinal);

    private static string Key(PropertyInfo property) => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);

    private static object Changed(object record, ReadOnlySpan<string> path)
    {
        var name = path[0].Replace("[0]", "");
        var property = record.GetType().GetProperties().Single(property => Key(property) == name);
        var value = property.GetValue(record);
        object changed;
        if (path.Length == 1)
            changed = Other(value, Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType);
        else if (value is ImmutableArray<StageSpec> stages)
            changed = stages.SetItem(0, (StageSpec)Changed(stages[0], path[1..]));
        else
            changed = Changed(value!, path[1..]);

        var copy = record.GetType().GetMethod("<Clone>$")!.Invoke(record, null)!;
        property.SetValue(copy, changed);
        return copy;
    }

    private static object Other(object? value, Type type) => value switch
    {
        bool flag => !flag,
        int pixels and 32 => 2 * pixels, // Also a multiple of the patch.
        int number => number + 1,
        WorkerCount workers => workers with { Max = workers.Max + 1 },
        double number => number * 1.5,
        string text => text + "-other",
        ImmutableArray<int> tasks => tasks.Reverse().ToImmutableArray(),
        ImmutableArray<string> splits => splits[1..],
        ImmutableArray<PoolKind> pools => pools.Add(PoolKind.Global),
        ImmutableArray<HealthFault> => ImmutableArray.Create(HealthFault.Collapse),
        null when type == typeof(string) => "/elsewhere",
        null when type == typeof(int) => 16,
        null when type == typeof(ImmutableArray<int>) => ImmutableArray.Create(2),
        null when type == typeof(ImmutableArray<QueryWeight>) => ImmutableArray.Create(new QueryWeight { Task = 0, Weight = 2 }),
        PromptTemplates prompt => prompt with { Text = prompt.Text + "." },
        FusionTower tower => tower with { Width = 2 * tower.Width },
        null when type == typeof(LowRankAdapters) => new LowRankAdapters { Rank = 2, Alpha = 4, Targets = ["q_proj"] },
        null when type == typeof(ImmutableArray<ParameterRule>) => ImmutableArray.Create(new ParameterRule { Match = "*", Rate = 0.5 }),
        null when type == typeof(NegativeMining) => new NegativeMining { PerQuery = 1 },
        null when type == typeof(ImmutableSortedDictionary<string, string>) => ImmutableSortedDictionary<string, string>.Empty.Add("gpu", "h100"),
        null when type == typeof(double) => -5.0,
        null when type == typeof(Matching) => Matching.Flops,
        null when type == typeof(ModalityWeighting) => ModalityWeighting.Learned,
        null when type == typeof(FeatureMixer) => FeatureMixer.Mlp,
        _ when type.IsEnum => Enum.GetValues(type).Cast<object>().First(other => !other.Equals(value)),
        _ => throw new NotSupportedException($"No other value of {type} is known to this test."),
    };
}
