using JointFusion.Experiments;
using JointFusion.Numerics.Tests;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Specs over published models: what they hold, and what is refused with its place.</summary>
public sealed class BackboneSpecTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Should_hold_every_key_when_a_spec_names_a_backbone()
    {
        var retriever = Valid("qwen2_vl", "fusion: early, pooling: token, pooling_token: \"<|emb|>\", attention: bidirectional, max_text_tokens: 40, max_pixels: 576, image_mode: fast, "
            + "prompt: { text: \"{text}<|emb|>\", image: \"{image}<|emb|>\", both: \"{image}{text}<|emb|>\" }, lora: { rank: 4, alpha: 8, targets: [q_proj, v_proj] }").Retriever;

        Assert.Equal(Path.Combine(folder.Path, "qwen2_vl"), retriever.Backbone);
        Assert.Equal((null, Pooling.Token, "<|emb|>", AttentionKind.Bidirectional, 40, 576), (
            retriever.Preset, retriever.Pooling, retriever.PoolingToken, retriever.Attention, retriever.MaxTextTokens, retriever.MaxPixels));
        Assert.Equal(ImageMode.Fast, retriever.ImageMode);
        Assert.Equal(new LowRankAdapters { Rank = 4, Alpha = 8, Targets = ["q_proj", "v_proj"] }, retriever.Lora);
    }

    [Theory]
    [InlineData("clip", "fusion: early", "retriever.fusion", "a clip has two towers, which meet in no sequence; score or feature")]
    [InlineData("clip", "fusion: score, pooling: mean", "retriever.pooling", "no effect with a clip, whose two towers have embeddings of their own")]
    [InlineData("clip", "fusion: isolated", "retriever.fusion", "a clip has two towers: score or feature")]
    [InlineData("clip", "fusion: score, layers: 3", "retriever.layers", "no effect with a backbone")]
    [InlineData("clip", "fusion: score, attention: causal", "retriever.attention", "no effect with a clip")]
    [InlineData("clip", "fusion: score, max_pixels: 1000", "retriever.max_pixels", "no effect with a clip, whose pictures have one size")]
    [InlineData("clip", "fusion: score, max_text_tokens: 17", "retriever.max_text_tokens", "at most 16")]
    [InlineData("qwen2", "fusion: early, image_mode: fast, prompt: { text: \"{text}\" }", "retriever.image_mode", "takes texts alone")]
    [InlineData("clip", "fusion: score, matching: flops", "retriever.matching", "no effect with a backbone")]
    [InlineData("clip", "fusion: score, preset: nano", "retriever.backbone", "retriever.preset too")]
    [InlineData("clip", "fusion: feature", "retriever.fusion_tower", "such as { layers: 2,")]
    [InlineData("clip", "fusion: score, fusion_tower: { layers: 1, width: 8, heads: 2, mlp_width: 8 }", "retriever.fusion_tower", "no effect with retriever.fusion score")]
    [InlineData("clip", "fusion: feature, fusion_tower: { layers: 1, width: 9, heads: 2, mlp_width: 8 }", "retriever.fusion_tower.width", "not a multiple of the 2 heads")]
    [InlineData("clip", "fusion: score, lora: { rank: 0, alpha: 8, targets: [q_proj] }", "retriever.lora.rank", "at least 1")]
    [InlineData("clip", "fusion: score, lora: { rank: 2, alpha: 8, targets: [q_prj] }", "retriever.lora.targets[0]", "did you mean 'q_proj'?")]
    [InlineData("clip", "fusion: score, lora: { rank: 2, alpha: 8, targets: [] }", "retriever.lora.targets", "adapts nothing")]
    [InlineData("clip", "fusion: score, lora: { rank: 2, alpha: 8, targets: [text_model.*.o_proj] }", "retriever.lora.targets[0]", "no projection of this model")]
    [InlineData("qwen2_vl", "fusion: early", "retriever.prompt", "missing; a qwen2_vl needs what stands around texts and pictures")]
    [InlineData("qwen2_vl", "fusion: early, prompt: { text: \"{text}\", image: \"{image}\" }", "retriever.prompt.both", "missing; the prompt of both is required")]
    [InlineData("qwen2_vl", "fusion: early, prompt: { text: \"{text}\", image: \"{image}{text}\", both: \"{image}{text}\" }", "retriever.prompt.image", "no {text} and {image} once")]
    [InlineData("qwen2_vl", "fusion: early, pooling: token, pooling_token: \"<|emb|>\", prompt: { text: \"{text}<|emb|>\", image: \"{image}\", both: \"{image}{text}<|emb|>\" }", "retriever.prompt.image", "has no <|emb|>")]
    [InlineData("qwen2_vl", "fusion: early, pooling_token: \"<|emb|>\", prompt: { text: \"{text}\", image: \"{image}\", both: \"{image}{text}\" }", "retriever.pooling_token", "another pooling than token")]
    [InlineData("qwen2_vl", "fusion: early, max_pixels: 100, prompt: { text: \"{text}\", image: \"{image}\", both: \"{image}{text}\" }", "retriever.max_pixels", "at least 144")]
    [InlineData("qwen2", "fusion: score, prompt: { text: \"{text}\" }", "retriever.fusion", "takes texts alone")]
    [InlineData("qwen2", "fusion: early, prompt: { text: \"{text}\" }", "stages[0].tasks", "task 1 (t->t)")]
    [InlineData("qwen2", "fusion: early, prompt: { text: \"{text}\", image: \"{image}\" }", "retriever.prompt.image", "takes texts alone")]
    public void Should_refuse_with_key_and_way_out_when_a_spec_and_its_backbone_do_not_fit(string set, string retriever, string key, string words)
    {
        var faults = Parse(set, retriever).Faults;

        var fault = Assert.Single(faults, fault => fault.KeyPath == key);
        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
        Assert.Equal(3, key.StartsWith("stages", StringComparison.Ordinal) ? 3 : fault.Line);
    }

    [Fact]
    public void Should_refuse_a_later_stages_adapters_when_the_first_trains_all_weights()
    {
        var text = Text("clip", "fusion: score").Replace("learning_rate: 2.0e-4", "learning_rate: 2.0e-4, lora: { rank: 2, alpha: 4, targets: [q_proj] }");

        var fault = Assert.Single(SpecLoader.Parse(text, "b.yaml", Made("clip")).Faults);
        Assert.Equal("stages[1].lora", fault.KeyPath);
        Assert.Contains("begin with adapters", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_say_that_it_has_no_effect_when_an_option_of_backbones_stands_beside_a_preset()
    {
        var faults = SpecTexts.Parse(SpecTexts.With("fusion: early", "fusion: early, pooling_token: e, lora: { rank: 2, alpha: 4, targets: [q] }").Replace("workers: 2", "workers: 2, recompute: true")).Faults;

        Assert.Equal(["retriever.pooling_token", "retriever.lora", "resources.recompute"], faults.Select(fault => fault.KeyPath));
        Assert.All(faults, fault => Assert.Contains("trained from scratch", fault.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Should_name_both_ways_when_there_is_neither_preset_nor_backbone()
    {
        var fault = Assert.Single(SpecTexts.Parse(SpecTexts.With("preset: nano, ", "")).Faults);

        Assert.Equal(("retriever.preset", 4), (fault.KeyPath, fault.Line));
        Assert.Contains("one of nano, tiny, small is required, or retriever.backbone", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere", "does not exist")]
    [InlineData("empty", "config.json: cannot be read")]
    [InlineData("bert", "has the model_type 'bert'. Known are clip, gemma, paligemma, qwen2, qwen2_vl, siglip.")]
    public void Should_refuse_the_folder_when_it_holds_no_known_model(string name, string words)
    {
        Directory.CreateDirectory(Path.Combine(folder.Path, "empty"));
        Directory.CreateDirectory(Path.Combine(folder.Path, "bert"));
        File.WriteAllText(Path.Combine(folder.Path, "bert", "config.json"), """{"model_type": "bert"}""");

        var fault = Assert.Single(SpecLoader.Parse(Text(name, "fusion: score"), "b.yaml", folder.Path).Faults);

        Assert.Equal(("retriever.backbone", 3), (fault.KeyPath, fault.Line));
        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_refuse_the_folder_when_it_is_outside_the_data_roots()
    {
        TinyBackbone.Create("clip", Path.Combine(folder.Path, "outside", "clip"));
        var root = Directory.CreateDirectory(Path.Combine(folder.Path, "root")).FullName;

        var fault = Assert.Single(SpecLoader.Parse(Text("../outside/clip", "fusion: score"), "b.yaml", new DataRoots([root])).Faults, fault => fault.Message.Contains("..", StringComparison.Ordinal));

        Assert.Equal("retriever.backbone", fault.KeyPath);
    }

    [Fact]
    public void Should_drop_pictures_sizes_from_the_spec_when_the_backbone_brings_its_own()
    {
        var faults = SpecLoader.Parse(Text("clip", "fusion: score").Replace("source: icons", "source: icons, image_size: 64, image_mean: 0.4"), "b.yaml", Made("clip")).Faults;

        Assert.Equal(["data.image_size", "data.image_mean"], faults.Select(fault => fault.KeyPath));
        Assert.All(faults, fault => Assert.Contains("preprocessor_config.json", fault.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Should_make_a_run_of_each_value_when_the_keys_of_adapters_are_swept()
    {
        var text = Text("clip", "fusion: score, lora: { rank: 2, alpha: 4, targets: [q_proj] }").Replace("learning_rate: 2.0e-4", "learning_rate: 2.0e-4, lora: { rank: 2, alpha: 4, targets: [v_proj] }", StringComparison.Ordinal)
            + "\nsweep: { grid: { retriever.lora.rank: [2, 8], 'stages[1].lora.alpha': [4, 16] } }";
        var spec = SpecLoader.Parse(text, "b.yaml", Made("clip"));
        Assert.Empty(spec.Faults);

        var (runs, notes) = SweepExpander.Expand(spec.Spec!);

        Assert.Empty(notes);
        Assert.Equal([(2, 4.0), (2, 16.0), (8, 4.0), (8, 16.0)], runs.Select(run => (run.Spec.Retriever.Lora!.Rank, run.Spec.Stages[1].Lora!.Alpha)));
        Assert.Equal(4, runs.Select(run => run.Name).Distinct().Count());
        Assert.All(runs, run => Assert.Equal((4.0, 2, "v_proj"), (run.Spec.Retriever.Lora!.Alpha, run.Spec.Stages[1].Lora!.Rank, run.Spec.Stages[1].Lora!.Targets.Single())));
    }

    [Theory]
    [InlineData("retriever.lora.rank: [0, 2]", "retriever.lora.rank", "at least 1")]
    [InlineData("'stages[1].lora.rank': [2, 4]", "stages[1].lora.rank", "the spec has no stages[1].lora")]
    public void Should_refuse_with_its_key_when_a_swept_value_of_adapters_is_wrong(string grid, string key, string words)
    {
        var text = Text("clip", "fusion: score, lora: { rank: 2, alpha: 4, targets: [q_proj] }") + $"\nsweep: {{ grid: {{ {grid} }} }}";
        var faults = SpecLoader.Parse(text, "b.yaml", Made("clip")).Faults;
        Assert.Contains(faults, fault => fault.ToString().Contains(key, StringComparison.Ordinal) && fault.Message.Contains(words, StringComparison.Ordinal));
    }

    private string Made(string set)
    {
        if (!Directory.Exists(Path.Combine(folder.Path, set)))
            TinyBackbone.Create(set, Path.Combine(folder.Path, set));
        return folder.Path;
    }

    private SpecResult Parse(string set, string retriever) => SpecLoader.Parse(Text(set, retriever), "b.yaml", Made(set));

    private ExperimentSpec Valid(string set, string retriever)
    {
        var result = Parse(set, retriever);
        return result.Spec ?? throw new InvalidOperationException(string.Join('\n', result.Faults));
    }

    private static string Text(string backbone, string retriever) =>
        $$"""
        name: b
        data: { source: icons }
        retriever: { backbone: {{backbone}}, {{retriever}} }
        stages:
          - { name: adapt, tasks: [0], steps: 4, global_batch: 4, learning_rate: 1.0e-4 }
          - { name: instruct, tasks: [7], steps: 4, global_batch: 4, learning_rate: 2.0e-4 }
        """;
}
