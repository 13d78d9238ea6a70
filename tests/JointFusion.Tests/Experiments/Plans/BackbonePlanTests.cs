using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Numerics.Tests;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Plans over published models, from their folders alone.</summary>
public sealed class BackbonePlanTests : IDisposable
{
    private const string VisionFrozen = "parameters: [{ match: \"*.visual.*\", frozen: true }], ";
    private const string BlocksFrozen = "parameters: [{ match: \"*.visual.blocks.*\", frozen: true }], ";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Rank 2 of q_proj [48, 48] and v_proj [24, 48] of 2 layers, and a temperature.</summary>
    [Fact]
    public void Should_count_what_is_trained_and_what_is_kept_when_there_are_adapters()
    {
        var plan = Plan("qwen2_vl", "lora: { rank: 2, alpha: 4, targets: [q_proj, v_proj] }");
        var model = new FileInfo(Path.Combine(folder.Path, "qwen2_vl", "model.safetensors")).Length;

        Assert.Equal((2 * 2 * (48 + 48 + 24 + 48)) + 1, plan.Retriever.Trainable);
        Assert.InRange(plan.Retriever.Parameters - 1, (model - 8192) / sizeof(float), model / sizeof(float)); // but for its header
        Assert.All(plan.Stages, stage => Assert.Equal(2, stage.Adapters!.Rank));
        Assert.DoesNotContain(plan.Stages, stage => stage.MergesFirst);
    }

    [Fact]
    public void Should_train_all_but_the_models_own_scale_when_there_are_no_adapters()
    {
        var plan = Plan("clip", "", fusion: "score");

        Assert.Equal(plan.Retriever.Parameters - 1, plan.Retriever.Trainable);
        Assert.Equal((24, 7, 16, 14), (plan.Retriever.Shape.EmbeddingWidth, plan.Retriever.Shape.PatchSize, plan.Retriever.Shape.PatchesPerImage, plan.Retriever.Shape.MaxTextTokens));
    }

    /// <summary>2 towers and a decoder, worked out by hand: one picture of 16 patches that become 4 positions, and 3 tokens.</summary>
    [Fact]
    public void Should_count_operations_as_by_hand_when_a_picture_and_a_text_are_one_sequence()
    {
        const double patch = 2.0 * ((24 * 3 * 2 * 36) + (2 * ((24 * 72) + (24 * 24) + (2 * 24 * 48)))), merged = 2.0 * ((96 * 96) + (96 * 48));
        const double token = 2.0 * 2 * ((48 * 48) + (2 * 24 * 48) + (48 * 48) + (3 * 48 * 48));
        const double vision = (16 * patch) + (4.0 * 16 * 16 * 24 * 2), decoder = (7 * token) + (4.0 * 7 * 7 * 48 * 2);

        Assert.Equal(vision + (4 * merged) + decoder, Plan("qwen2_vl", "").Retriever.Shape.FlopsPerItem(patches: 16, tokens: 3));
    }

    [Fact]
    public void Should_need_less_memory_when_layers_are_recomputed_or_adapters_alone_are_trained()
    {
        var all = Plan("qwen2_vl", "").Estimates;
        var recomputed = Plan("qwen2_vl", "", resources: "workers: 2, recompute: true").Estimates;
        var adapted = Plan("qwen2_vl", "lora: { rank: 2, alpha: 4, targets: [q_proj] }").Estimates;

        Assert.True(recomputed.WorkerMemoryBytes < all.WorkerMemoryBytes);
        Assert.True(adapted.WorkerMemoryBytes < all.WorkerMemoryBytes);
    }

    /// <summary>Forward and back for the inputs' gradients, once more for the weights'; through a tower of pictures of which nothing is trained there is no way back.</summary>
    [Theory]
    [InlineData("", "", 2, 2, false)]
    [InlineData("", VisionFrozen, 2, 0, true)]
    [InlineData("", BlocksFrozen, 2, 2, false)]
    [InlineData("lora: { rank: 2, alpha: 4, targets: [q_proj] }", "", 1, 0, true)]
    [InlineData("lora: { rank: 2, alpha: 4, targets: [q_proj, visual.blocks.*.attn.proj] }", "", 1, 1, false)]
    public void Should_count_the_backward_pass_of_what_has_gradients_when_a_tower_is_frozen(string lora, string rules, int backward, int throughVision, bool kept)
    {
        var plan = Plan("qwen2_vl", lora, stages: (rules, rules));
        var shape = plan.Retriever.Shape;

        double Flops(int patches, int tokens) => ((1 + backward) * shape.FlopsPerItem(patches, tokens)) - ((backward - throughVision) * shape.Backbone!.Vision!.Flops(patches));
        Assert.All(plan.Stages, stage => Assert.Equal(kept, stage.KeepsVision));
        Assert.Equal(Flops(shape.PatchesPerImage, 16) + Flops(shape.PatchesPerImage, 0), plan.Retriever.FlopsPerPair);
        Assert.Equal(plan.Stages.Sum(stage => (double)stage.Spec.Steps * stage.Spec.GlobalBatch) * plan.Retriever.FlopsPerPair, plan.Estimates.TrainingFlops);
    }

    /// <summary>A GPU keeps no attention weights, bfloat16 half of each factor, a frozen tower of pictures one layer.</summary>
    [Fact]
    public void Should_need_the_memory_that_is_kept_when_on_a_gpu_in_bfloat16_and_a_tower_is_frozen()
    {
        var tower = new TowerShape(Layers: 2, Width: 24, AttentionWidth: 24, MlpWidth: 48, Heads: 2, FlopsAPosition: 0);

        Assert.Equal(16 * ((4 * 24 * 4) + (((4 * 24) + (2 * 48) + (2 * 16)) * 4)) * 2, tower.ActivationBytes(16, new()));
        Assert.Equal(16 * ((4 * 24 * 4) + (((4 * 24) + (2 * 48)) * 2)) * 2, tower.ActivationBytes(16, new(Scores: false, BytesANumber: 2)));
        Assert.Equal(16 * ((4 * 24 * 4) + (((4 * 24) + (2 * 48)) * 2)), tower.ActivationBytes(16, new(Scores: false, BytesANumber: 2), isTrained: false));

        var cpu = Plan("qwen2_vl", "lora: { rank: 2, alpha: 4, targets: [q_proj] }").Estimates.WorkerMemoryBytes;
        var gpu = Plan("qwen2_vl", "lora: { rank: 2, alpha: 4, targets: [q_proj] }", resources: "workers: 2, device: cuda").Estimates.WorkerMemoryBytes;
        var all = Plan("qwen2_vl", "lora: { rank: 2, alpha: 4, targets: [q_proj, visual.blocks.*.attn.proj] }", resources: "workers: 2, device: cuda").Estimates.WorkerMemoryBytes;
        var ruled = Plan("qwen2_vl", "", stages: (VisionFrozen, VisionFrozen)).Estimates.WorkerMemoryBytes;
        var partly = Plan("qwen2_vl", "", stages: (BlocksFrozen, BlocksFrozen)).Estimates.WorkerMemoryBytes;
        Assert.True(gpu < cpu && gpu < all && ruled < partly);
    }

    [Fact]
    public void Should_merge_before_a_stage_when_it_has_adapters_of_its_own()
    {
        var plan = Plan("qwen2_vl", "", stages: ("lora: { rank: 2, alpha: 4, targets: [q_proj] }, ", "lora: { rank: 3, alpha: 3, targets: [model.layers.*.down_proj] }, "));

        Assert.Equal([(2, false), (3, true)], plan.Stages.Select(stage => (stage.Adapters!.Rank, stage.MergesFirst)));
        Assert.Equal((2 * 3 * (48 + 48)) + 1, plan.Retriever.Trainable);
    }

    [Fact]
    public void Should_have_the_same_science_when_a_folder_moves_and_another_when_a_byte_of_it_changes()
    {
        var plan = Plan("qwen2_vl", "");
        Directory.Move(Path.Combine(folder.Path, "qwen2_vl"), Path.Combine(folder.Path, "moved"));
        var moved = Plan("moved", "", prompt: TinyBackbone.Prompt("qwen2_vl"));
        var weights = Path.Combine(folder.Path, "moved", "model.safetensors");
        var bytes = File.ReadAllBytes(weights);
        bytes[^1] ^= 1;
        File.WriteAllBytes(weights, bytes);
        var changed = Plan("moved", "", prompt: TinyBackbone.Prompt("qwen2_vl"));

        Assert.Equal(plan.PlanHash, moved.PlanHash);
        Assert.NotEqual(plan.ScienceHash, changed.ScienceHash);
        Assert.Equal(["retriever.backbone"], PlanScience.Differences(plan, changed).Select(difference => difference.Key));
    }

    [Fact]
    public void Should_name_the_token_when_a_prompt_has_one_that_the_model_does_not_know()
    {
        var result = Result("qwen2_vl", "", prompt: TinyBackbone.Prompt("qwen2_vl").Replace("{text}<|endoftext|>\", image", "{text}<|endoftxt|>\", image"));

        var fault = Assert.Single(result.Faults);
        Assert.Equal("retriever.prompt.text", fault.KeyPath);
        Assert.Contains("<|endoftxt|> is no token of the backbone", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_say_that_files_do_not_belong_together_when_the_processor_makes_other_pictures()
    {
        Made("clip");
        var processor = Path.Combine(folder.Path, "clip", "preprocessor_config.json");
        File.WriteAllText(processor, File.ReadAllText(processor).Replace("28", "35"));

        var fault = Assert.Single(Result("clip", "", fusion: "score").Faults);
        Assert.Contains("pictures of 25 patches, its config.json has places for 16", fault.Message, StringComparison.Ordinal);
    }

    private RunPlan Plan(string set, string retriever, string fusion = "early", string? prompt = null, (string, string) stages = default, string resources = "workers: 2") =>
        Result(set, retriever, fusion, prompt, stages, resources) is var result && result.Plan is { } plan ? plan : throw new InvalidOperationException(string.Join('\n', result.Faults));

    private PlanResult Result(string set, string retriever, string fusion = "early", string? prompt = null, (string First, string Second) stages = default, string resources = "workers: 2")
    {
        Made(set);
        var spec = SpecLoader.Parse(
            $$"""
            name: b
            data: { source: icons }
            retriever: { backbone: {{set}}, {{prompt ?? TinyBackbone.Prompt(set)}}fusion: {{fusion}}{{(retriever.Length > 0 ? ", " + retriever : "")}} }
            stages:
              - { name: adapt, {{stages.First}}tasks: [0], steps: 4, global_batch: 4, learning_rate: 1.0e-4 }
              - { name: instruct, {{stages.Second}}tasks: [7], steps: 4, global_batch: 4, learning_rate: 2.0e-4 }
            resources: { {{resources}} }
            """,
            "b.yaml",
            folder.Path);
        var valid = spec.Spec ?? throw new InvalidOperationException(string.Join('\n', spec.Faults));
        return ExperimentPlanner.Plan(valid, "run", Plans.Data, cores: 4, BackboneItems.Summarize(valid.Retriever));
    }

    private void Made(string set)
    {
        if (!Directory.Exists(Path.Combine(folder.Path, set)))
            TinyBackbone.Create(set, Path.Combine(folder.Path, set));
    }
}
