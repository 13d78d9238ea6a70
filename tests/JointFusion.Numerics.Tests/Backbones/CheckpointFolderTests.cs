using System.Text.Json;
using JointFusion.Retrieval;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>What a folder may look like, and what is said of one that is not whole.</summary>
public sealed class CheckpointFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly IDisposable scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Should_compute_the_same_When_weights_are_in_several_files()
    {
        Shard("qwen2_vl", 3);
        Assert.True(GoldenSet.Check(folder.Path, CPU).Holds);
    }

    [Fact]
    public void Should_name_a_file_that_the_index_lists_When_it_is_missing()
    {
        Shard("gemma", 2);
        File.Delete(folder["model-00002-of-00002.safetensors"]);
        Assert.Contains("lists model-00002-of-00002.safetensors, which is missing", Fault().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_name_a_weight_that_the_index_lists_When_no_file_holds_it()
    {
        var (first, second) = Shard("gemma", 2);
        GoldenFolder.Write(folder["model-00002-of-00002.safetensors"], second.Skip(1));
        Assert.Contains($"lists {second[0].Key}, which no file holds", Fault().Message, StringComparison.Ordinal);
        Assert.NotEmpty(first);
    }

    [Fact]
    public void Should_list_all_three_in_one_message_When_weights_are_missing_unexpected_and_of_another_shape()
    {
        GoldenFolder.Copy("qwen2", folder, weights =>
        {
            weights.Remove("model.layers.1.mlp.up_proj.weight");
            weights.Remove("model.norm.weight");
            weights["model.layers.7.mlp.up_proj.weight"] = zeros(2, 3);
            weights["lm_head.weight"] = weights["lm_head.weight"].t();
            weights["model.layers.0.self_attn.q_proj.bias"] = zeros(47);
        });
        var fault = Fault();
        Assert.Equal(folder.Path, fault.Path);
        Assert.Equal(
            "does not hold the weights of its config.json. Missing: model.layers.1.mlp.up_proj.weight, model.norm.weight. "
            + "Unexpected: model.layers.7.mlp.up_proj.weight. "
            + "Of another shape: lm_head.weight ([48, 128], expected [128, 48]), model.layers.0.self_attn.q_proj.bias ([47], expected [48]).",
            fault.Cause);
    }

    [Fact]
    public void Should_be_whole_When_only_known_buffers_and_tied_names_are_beside_the_weights()
    {
        GoldenFolder.Copy("paligemma", folder, weights =>
        {
            weights["language_model.lm_head.weight"] = weights["language_model.model.embed_tokens.weight"];
            weights["language_model.model.layers.0.self_attn.rotary_emb.inv_freq"] = zeros(6);
            weights["vision_tower.vision_model.embeddings.position_ids"] = zeros(1, 16, ScalarType.Int64);
        });
        Assert.True(GoldenSet.Check(folder.Path, CPU).Holds);
    }

    [Fact]
    public void Should_keep_a_tied_matrix_once_When_the_file_has_it_under_its_other_name()
    {
        GoldenFolder.Copy("gemma", folder, weights =>
        {
            weights.Remove("model.embed_tokens.weight", out var table);
            weights["lm_head.weight"] = table!;
        });
        Assert.True(GoldenSet.Check(folder.Path, CPU).Holds);
        using var backbone = Backbone.Load(folder.Path, ScalarType.Float32, CPU, languageHead: true);
        Assert.DoesNotContain(backbone.named_parameters(), pair => pair.name == "lm_head.weight");
    }

    [Fact]
    public void Should_leave_out_the_head_When_it_is_not_asked_for()
    {
        using var backbone = Backbone.Load(GoldenFolder.Of("qwen2"), ScalarType.Float32, CPU);
        Assert.DoesNotContain(backbone.named_parameters(), pair => pair.name == "lm_head.weight");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100_000)]
    public void Should_name_the_file_and_the_missing_bytes_When_safetensors_are_truncated(int bytes)
    {
        GoldenFolder.Copy("gemma", folder, _ => { });
        using (var stream = File.OpenWrite(folder["model.safetensors"]))
            stream.SetLength(stream.Length - bytes);
        var fault = Fault();
        Assert.Equal(folder["model.safetensors"], fault.Path);
        Assert.Contains($"is truncated: of the 189280 bytes of tensors that its header lists the last {bytes} are missing", fault.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_name_the_known_models_When_the_config_has_another()
    {
        File.WriteAllText(folder["config.json"], """{"model_type": "llama"}""");
        Assert.Equal("has the model_type 'llama'. Known are clip, gemma, paligemma, qwen2, qwen2_vl, siglip.", Fault().Cause);
    }

    [Theory]
    [InlineData("""{"model_type": "qwen2", "hidden_act": "mish"}""", "the activation 'mish' is not known")]
    [InlineData("""{"model_type": "qwen2", "use_sliding_window": true}""", "use_sliding_window")]
    [InlineData("""{"model_type": "qwen2", "rope_scaling": {"rope_type": "yarn"}}""", "rope_scaling 'yarn'")]
    [InlineData("""{"model_type": "qwen2_vl"}""", "has no image_token_id")]
    [InlineData("""{"model_type": "paligemma", "text_config": {"model_type": "gemma2"}}""", "the text model 'gemma2'")]
    [InlineData("""{"model_type": "qwen2", "hidden_size": "wide"}""", "is not the config of a model")]
    [InlineData("""{"model_type": """, "is not the config of a model")]
    public void Should_name_the_setting_When_the_config_asks_for_what_is_not_computed_here(string json, string cause)
    {
        File.WriteAllText(folder["config.json"], json);
        GoldenFolder.Write(folder["model.safetensors"], [new("x", zeros(1))]);
        var fault = Fault();
        Assert.Equal(folder["config.json"], fault.Path);
        Assert.Contains(cause, fault.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_say_so_When_there_are_no_weights()
    {
        GoldenFolder.CopyWithoutWeights("gemma", folder);
        foreach (var file in Directory.GetFiles(folder.Path, "*.safetensors"))
            File.Delete(file);
        Assert.Contains("holds no weights", Fault().Cause, StringComparison.Ordinal);
    }

    private CheckpointException Fault() => Assert.Throws<CheckpointException>(() => Backbone.Load(folder.Path, ScalarType.Float32, CPU, languageHead: true));

    /// <returns>The weights of the first file and of the last.</returns>
    private (KeyValuePair<string, Tensor>[] First, KeyValuePair<string, Tensor>[] Last) Shard(string set, int files)
    {
        GoldenFolder.CopyWithoutWeights(set, folder);
        var weights = GoldenFolder.Weights(set).OrderBy(pair => pair.Key, StringComparer.Ordinal).ToArray();
        var parts = weights.Chunk((weights.Length + files - 1) / files).ToArray();
        var index = new Dictionary<string, string>();
        for (var i = 0; i < files; i++)
        {
            var name = $"model-{i + 1:00000}-of-{files:00000}.safetensors";
            GoldenFolder.Write(folder[name], parts[i]);
            foreach (var (weight, _) in parts[i])
                index[weight] = name;
        }
        File.WriteAllText(folder["model.safetensors.index.json"], JsonSerializer.Serialize(new { metadata = new { total_size = 1 }, weight_map = index }));
        return (parts[0], parts[^1]);
    }
}
