using System.Text.Json;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using static TorchSharp.torch;

namespace JointFusion.Benchmarks;

/// <summary>A folder in Qwen2-VL's layout with random weights; heads as wide as the published ones', four layers of each tower.</summary>
/// <param name="VisionHeads">80 wide each.</param>
/// <param name="Heads">Of the language model, 128 wide each, with two of keys.</param>
internal sealed record RandomQwen2Vl(string Name, int VisionHeads, int Heads, int MlpWidth)
{
    public const int PatchSize = 14;
    public const int Vocabulary = 1000;
    private const int Layers = 4, VisionHeadWidth = 80, HeadWidth = 128, KeyHeads = 2;
    private const int ImageToken = 990, StartToken = 991, EndToken = 992;

    /// <summary>Of what is computed, all weights of the towers together.</summary>
    public long Write(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["model_type"] = "qwen2_vl",
            ["vocab_size"] = Vocabulary,
            ["hidden_size"] = Heads * HeadWidth,
            ["intermediate_size"] = MlpWidth,
            ["num_hidden_layers"] = Layers,
            ["num_attention_heads"] = Heads,
            ["num_key_value_heads"] = KeyHeads,
            ["hidden_act"] = "silu",
            ["rms_norm_eps"] = 1e-6,
            ["rope_theta"] = 1e6,
            ["tie_word_embeddings"] = true,
            ["image_token_id"] = ImageToken,
            ["vision_start_token_id"] = StartToken,
            ["vision_end_token_id"] = EndToken,
            ["rope_scaling"] = new Dictionary<string, object> { ["type"] = "mrope", ["mrope_section"] = (int[])[16, 24, 24] },
            ["vision_config"] = new Dictionary<string, object>
            {
                ["depth"] = Layers,
                ["embed_dim"] = VisionHeads * VisionHeadWidth,
                ["num_heads"] = VisionHeads,
                ["hidden_size"] = Heads * HeadWidth,
                ["in_channels"] = 3,
                ["patch_size"] = PatchSize,
                ["spatial_merge_size"] = 2,
                ["temporal_patch_size"] = 2,
                ["mlp_ratio"] = 4,
                ["hidden_act"] = "quick_gelu",
            },
        }));
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        var tensors = BackboneConfig.Read(folder).Tensors();
        using var file = File.Create(Path.Combine(folder, "model.safetensors"));
        SafetensorsWriter.Write(file, tensors.Select(tensor => new NamedTensor(tensor.Name, randn([.. tensor.Shape], generator: generator).Times(0.02))));
        return tensors.Sum(tensor => tensor.Count);
    }
}
