using System.Text.Json.Nodes;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>Low-rank adapters: what they train, what a merge leaves, and PEFT's folders.</summary>
public sealed class LoraTests : IDisposable
{
    private static readonly LoraSpec Spec = new(Rank: 3, Alpha: 6, LoraTargets.Named("q_proj", "v_proj", "down_proj"));
    private readonly TemporaryFolder folder = new();
    private readonly IDisposable scope = NewDisposeScope();

    public static TheoryData<string> Sets => ["clip", "gemma", "paligemma", "qwen2", "qwen2_vl", "siglip"];

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Theory, MemberData(nameof(Sets))]
    public void Should_change_nothing_yet_and_train_nothing_else_When_it_is_attached(string set)
    {
        using var backbone = Load(set);
        var before = Outputs(set, backbone);
        var frozen = backbone.parameters().Count();
        Lora.Attach(backbone, Spec, seed: 1);
        AssertSame(before, Outputs(set, backbone), 0);
        var trainable = backbone.named_parameters().Where(pair => pair.parameter.requires_grad).Select(pair => pair.name).ToArray();
        Assert.True(trainable.Length >= 8);
        Assert.Equal(frozen, backbone.parameters().Count() - trainable.Length);
        Assert.All(trainable, name => Assert.Matches(@"\.(q_proj|v_proj|down_proj)\.lora_(A|B)\.weight$", name));
    }

    [Theory, MemberData(nameof(Sets))]
    public void Should_compute_the_same_without_adapters_When_they_are_merged(string set)
    {
        using var backbone = Adapted(set);
        var names = Load(set).named_parameters().Select(pair => pair.name).ToArray();
        var (plain, adapted) = (Outputs(set, Load(set)), Outputs(set, backbone));
        Assert.Contains(plain, pair => (pair.Value - adapted[pair.Key]).abs().max().item<float>() > 1e-3);
        Lora.Merge(backbone);
        Assert.Equal(names, backbone.named_parameters().Select(pair => pair.name));
        AssertSame(adapted, Outputs(set, backbone), 2e-5f);
    }

    [Theory, MemberData(nameof(Sets))]
    public void Should_have_the_same_outputs_When_it_went_through_a_folder(string set)
    {
        using var adapted = Adapted(set);
        PeftFolder.Save(folder.Path, adapted, Spec, "google/some-model");
        using var backbone = Load(set);
        var spec = PeftFolder.Load(folder.Path, backbone);
        Assert.Equal((3, 6, "q_proj v_proj down_proj"), (spec.Rank, spec.Alpha, string.Join(' ', spec.Targets.Names)));
        AssertSame(Outputs(set, adapted), Outputs(set, backbone), 0);
    }

    /// <summary>Without the head, which the folder must have again all the same.</summary>
    [Theory, MemberData(nameof(Sets))]
    public void Should_load_with_the_same_outputs_When_it_is_merged_and_exported(string set)
    {
        using var backbone = Adapted(set);
        Assert.Throws<ArgumentException>(() => BackboneFolder.Save(backbone, GoldenFolder.Of(set), folder["out"]));
        Lora.Merge(backbone);
        BackboneFolder.Save(backbone, GoldenFolder.Of(set), folder["out"]);
        using var exported = Backbone.Load(folder["out"], ScalarType.Float32, CPU);
        AssertSame(Outputs(set, backbone), Outputs(set, exported), 0);
        using var whole = Backbone.Load(folder["out"], ScalarType.Float32, CPU, languageHead: true);
        Assert.Equal(GoldenFolder.Weights(set).Keys.Order(StringComparer.Ordinal), whole.named_parameters().Select(pair => pair.name).Order(StringComparer.Ordinal));
        Assert.Contains("\"__metadata__\":{\"format\":\"pt\"}", File.ReadAllText(folder["out/model.safetensors"])[..200], StringComparison.Ordinal);
        Assert.Throws<CheckpointException>(() => BackboneFolder.Save(backbone, GoldenFolder.Of(set), folder["out"]));
    }

    [Fact]
    public void Should_have_PEFTs_names_and_settings_When_it_is_saved()
    {
        using var adapted = Adapted("qwen2");
        PeftFolder.Save(folder.Path, adapted, Spec, "Qwen/Qwen2-7B");
        using var weights = SafetensorsReader.Open(folder["adapter_model.safetensors"]);
        var shapes = weights.Tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.ShapeText);
        Assert.Equal(18, shapes.Count);
        Assert.Equal("[3, 48]", shapes["base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight"]);
        Assert.Equal("[48, 3]", shapes["base_model.model.model.layers.2.mlp.down_proj.lora_B.weight"]);
        var config = JsonNode.Parse(File.ReadAllText(folder["adapter_config.json"]))!;
        Assert.Equal("""["q_proj","v_proj","down_proj"]""", config["target_modules"]!.ToJsonString());
        Assert.Equal("3 6 LORA none Qwen/Qwen2-7B", string.Join(' ', ((string[])["r", "lora_alpha", "peft_type", "bias", "base_model_name_or_path"]).Select(name => config[name]!.ToString())));
    }

    [Fact]
    public void Should_take_whole_names_When_the_target_is_a_pattern()
    {
        using var backbone = Load("paligemma");
        var spec = Spec with { Targets = LoraTargets.Matching(@".*language_model.*\.(q|k)_proj") };
        Lora.Attach(backbone, spec, seed: 1);
        var paths = backbone.named_parameters().Where(pair => pair.parameter.requires_grad).Select(pair => pair.name).ToArray();
        Assert.Equal(8, paths.Length);
        Assert.All(paths, path => Assert.StartsWith("language_model.model.layers.", path, StringComparison.Ordinal));
        PeftFolder.Save(folder.Path, backbone, spec, "");
        using var other = Load("paligemma");
        Assert.Equal(spec, PeftFolder.Load(folder.Path, other));
    }

    [Fact]
    public void Should_list_missing_unexpected_and_misshaped_names_When_a_folder_is_of_another_model()
    {
        using var adapted = Adapted("qwen2");
        PeftFolder.Save(folder.Path, adapted, Spec, "");
        using var other = Load("gemma");
        var fault = Assert.Throws<CheckpointException>(() => PeftFolder.Load(folder.Path, other));
        Assert.StartsWith("does not hold the weights of its adapter_config.json for this model. Missing: none. Unexpected: none. Of another shape: base_model.", fault.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("use_dora", "true")]
    [InlineData("bias", "\"all\"")]
    [InlineData("modules_to_save", "[\"lm_head\"]")]
    [InlineData("rank_pattern", "{\"q_proj\":8}")]
    [InlineData("peft_type", "\"IA3\"")]
    public void Should_name_the_setting_When_an_adapter_asks_for_what_is_not_computed(string name, string value)
    {
        using var adapted = Adapted("gemma");
        PeftFolder.Save(folder.Path, adapted, Spec, "");
        var config = JsonNode.Parse(File.ReadAllText(folder["adapter_config.json"]))!;
        config[name] = JsonNode.Parse(value);
        File.WriteAllText(folder["adapter_config.json"], config.ToJsonString());
        using var backbone = Load("gemma");
        Assert.Contains(name, Assert.Throws<CheckpointException>(() => PeftFolder.Load(folder.Path, backbone)).Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_name_what_there_is_When_no_projection_is_a_target()
    {
        using var backbone = Load("gemma");
        var fault = Assert.Throws<ArgumentException>(() => Lora.Attach(backbone, Spec with { Targets = LoraTargets.Named("query") }, seed: 1));
        Assert.Contains("down_proj, gate_proj, k_proj, o_proj, q_proj, up_proj, v_proj", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_draw_the_same_When_the_seed_is_the_same()
    {
        Tensor First(int seed)
        {
            var backbone = Load("gemma");
            Lora.Attach(backbone, Spec, seed);
            return backbone.named_parameters().First(pair => pair.name.EndsWith("lora_A.weight", StringComparison.Ordinal)).parameter;
        }
        Assert.True(First(1).eq(First(1)).all().item<bool>());
        Assert.False(First(1).eq(First(2)).all().item<bool>());
        Assert.InRange(First(1).abs().max().item<float>(), 0.01, 1 / Math.Sqrt(40));
    }

    /// <summary>Weights in bfloat16, which no optimizer touches; adapters in float32, which it does.</summary>
    [Fact]
    public void Should_leave_every_frozen_bit_When_a_step_is_taken()
    {
        using var backbone = (PaliGemmaBackbone)Backbone.Load(GoldenFolder.Of("paligemma"), ScalarType.BFloat16, CPU);
        Lora.Attach(backbone, Spec, seed: 1);
        using var retriever = new Retriever(
            new OneTowerEncoder(BackboneRetrievers.Prompted("paligemma", backbone), new SequencePooling.LastToken()), new ScoreScale(0.07, 0.01), new PixelScale(0, 1));
        using var parameters = new FlatParameters(retriever);
        using var optimizer = new AdamW(parameters, new StageSpec { Name = "only", Tasks = [7], Steps = 1, GlobalBatch = 5, LearningRate = 1e-2, WeightDecay = 0.1 });
        Assert.Equal(ScalarType.Float32, parameters.Values.dtype);
        Assert.All(parameters.Parts, pair => Assert.True(pair.Name.Contains(".lora_", StringComparison.Ordinal) || pair.Name == "logTemperature", pair.Name));
        var before = retriever.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter.detach().clone());
        for (var step = 0; step < 2; step++)
        {
            new GradientCache(LocalProcessGroup.Create(1)[0], new StepClock()).Backward(retriever, BackboneRetrievers.Batch("paligemma early", rows: 5, rank: 0, world: 1));
            optimizer.Step(1e-2, optimizer.GradientNorm());
            parameters.ZeroGradients();
        }
        var changed = retriever.named_parameters().Where(pair => !pair.parameter.eq(before[pair.name]).all().item<bool>()).Select(pair => pair.name).ToArray();
        Assert.Equal(parameters.Parts.Select(pair => pair.Name).Order(StringComparer.Ordinal), changed.Order(StringComparer.Ordinal));
    }

    [Theory, InlineData("paligemma early"), InlineData("qwen2_vl score")]
    public void Should_have_the_whole_batchs_gradients_When_ranks_and_chunks_divide_it(string name)
    {
        const int rows = 6;
        Tensor Gradients(Action<Retriever> backward)
        {
            using var retriever = BackboneRetrievers.Of(name, adapt: backbone => Perturb(backbone, Spec));
            using var parameters = new FlatParameters(retriever);
            backward(retriever);
            return parameters.Gradients.clone();
        }
        var stage = new StageSpec { Name = "only", Tasks = [7], Steps = 1, GlobalBatch = rows, LearningRate = 1e-3 };
        var expected = Gradients(retriever => WholeBatch.Backward(retriever, BackboneRetrievers.Batch(name, rows, 0, 1), stage));
        RankThreads.Run(2, group =>
        {
            var divided = Gradients(retriever => new GradientCache(group, new StepClock(), chunkSize: 4).Backward(retriever, BackboneRetrievers.Batch(name, rows, group.Rank, 2)));
            group.AllReduce(divided);
            Assert.True((divided - expected).norm().item<double>() < 1e-11 * expected.norm().item<double>());
        });
    }

    [Fact]
    public void Should_freeze_what_a_pattern_names_When_one_is_given()
    {
        using var backbone = Load("paligemma");
        Freezing.Freeze(backbone, "vision_tower.*", "multi_modal_projector.linear.bias");
        Assert.All(backbone.named_parameters(), pair => Assert.Equal(
            !pair.name.StartsWith("vision_tower.", StringComparison.Ordinal) && pair.name != "multi_modal_projector.linear.bias", pair.parameter.requires_grad));
        Assert.Contains("'visual.*'", Assert.Throws<ArgumentException>(() => Freezing.Freeze(backbone, "visual.*")).Message, StringComparison.Ordinal);
    }

    private static Backbone Load(string set) => Backbone.Load(GoldenFolder.Of(set), ScalarType.Float32, CPU);

    private static Backbone Adapted(string set)
    {
        var backbone = Load(set);
        Perturb(backbone, Spec);
        return backbone;
    }

    /// <summary>As after training: B is no longer zero.</summary>
    private static void Perturb(Backbone backbone, LoraSpec spec)
    {
        Lora.Attach(backbone, spec, seed: 4);
        using var _ = no_grad();
        using var generator = new Generator(5);
        foreach (var (name, parameter) in backbone.named_parameters().Where(pair => pair.name.EndsWith("lora_B.weight", StringComparison.Ordinal)))
            parameter.normal_(0, 0.1, generator);
    }

    private static Dictionary<string, Tensor> Outputs(string set, Backbone backbone)
    {
        using var _ = no_grad();
        using var inputs = SafetensorsReader.Open(Path.Combine(GoldenFolder.Of(set), "inputs.safetensors"));
        var outputs = new Dictionary<string, Tensor>();
        foreach (var @case in GoldenManifest.Read(Path.Combine(GoldenFolder.Of(set), "manifest.json")).Cases)
        {
            var trace = new Trace();
            backbone.Run(BackboneInputs.Of(@case.Inputs.ToDictionary(pair => pair.Key, pair => inputs.Read(pair.Value))), trace);
            foreach (var (name, tensor) in trace.Tensors.Where(pair => pair.Value.is_floating_point()))
                outputs[$"{@case.Name}.{name}"] = tensor;
        }
        return outputs;
    }

    private static void AssertSame(Dictionary<string, Tensor> expected, Dictionary<string, Tensor> actual, float tolerance)
    {
        Assert.Equal(expected.Keys, actual.Keys);
        Assert.All(expected, pair => Assert.InRange((pair.Value - actual[pair.Key]).abs().max().item<float>(), 0, tolerance * Math.Max(1, pair.Value.abs().max().item<float>())));
    }
}
