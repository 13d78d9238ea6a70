using System.Text.Json.Nodes;

namespace JointFusion.Numerics.Tests;

/// <summary>A golden checkpoint as a user has one: with a tokenizer of one token a character and an image processor beside it.</summary>
internal static class TinyBackbone
{
    private const string Unknown = "<unk>";

    private static string Goldens => Path.Combine(AppContext.BaseDirectory, "Goldens", "Backbones");

    /// <summary>Of each set, its special tokens beside the characters.</summary>
    private static readonly Dictionary<string, (string Token, int Id)[]> Special = new()
    {
        ["clip"] = [("<|startoftext|>", 118), ("<|endoftext|>", 119)],
        ["siglip"] = [("<pad>", 1), ("</s>", 2)],
        ["paligemma"] = [("<pad>", 0), ("<eos>", 1), ("<bos>", 2), ("<image>", 137), ("<emb>", 136)],
        ["qwen2_vl"] = [("<|endoftext|>", 2), ("<|im_start|>", 99), ("<|im_end|>", 100), ("<|emb|>", 103), ("<|vision_start|>", 104), ("<|vision_end|>", 105), ("<|image_pad|>", 107)],
        ["qwen2"] = [("<|endoftext|>", 2)],
    };

    /// <summary>What a spec says of the set's prompts; empty where it has two towers.</summary>
    public static string Prompt(string set) => set switch
    {
        "paligemma" => """prompt: { text: "<bos>{text}<eos>", image: "{image}<bos><eos>", both: "{image}<bos>{text}<eos>" }, """,
        "qwen2_vl" => """prompt: { text: "{text}<|endoftext|>", image: "{image}<|endoftext|>", both: "{image}{text}<|endoftext|>" }, """,
        "qwen2" => """prompt: { text: "{text}<|endoftext|>" }, """,
        _ => "",
    };

    /// <returns>The folder.</returns>
    /// <param name="folder">That is not there yet.</param>
    public static string Create(string set, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in (string[])["config.json", "model.safetensors"])
            File.Copy(Path.Combine(Goldens, set, file), Path.Combine(folder, file));
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), Tokenizer(set).ToJsonString());
        if (Processor(set) is { } processor)
            File.WriteAllText(Path.Combine(folder, "preprocessor_config.json"), processor);
        return folder;
    }

    private static JsonObject Tokenizer(string set)
    {
        const int firstCharacter = 4, firstPrintable = 32, lastPrintable = 126;
        var vocabulary = new JsonObject { [Unknown] = 3 };
        for (var character = firstPrintable; character <= lastPrintable; character++)
            vocabulary[((char)character).ToString()] = firstCharacter + character - firstPrintable;
        foreach (var (token, id) in Special[set])
            vocabulary[token] = id;
        return new JsonObject
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray([.. Special[set].Select(special => new JsonObject
            {
                ["id"] = special.Id, ["content"] = special.Token, ["single_word"] = false, ["lstrip"] = false, ["rstrip"] = false, ["normalized"] = false, ["special"] = true,
            })]),
            ["post_processor"] = PostProcessor(set),
            ["model"] = new JsonObject { ["type"] = "BPE", ["unk_token"] = Unknown, ["vocab"] = vocabulary, ["merges"] = new JsonArray() },
        };
    }

    private static JsonNode? PostProcessor(string set) => set switch
    {
        "clip" => JsonNode.Parse("""{"type": "RobertaProcessing", "sep": ["<|endoftext|>", 119], "cls": ["<|startoftext|>", 118], "trim_offsets": false, "add_prefix_space": false}"""),
        "siglip" => JsonNode.Parse("""{"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}], "pair": [], "special_tokens": {"</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}}}"""),
        _ => null,
    };

    private static string? Processor(string set) => set switch
    {
        "clip" => """{"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 28}, "crop_size": {"height": 28, "width": 28}, "resample": 3, "image_mean": [0.48, 0.46, 0.41], "image_std": [0.27, 0.26, 0.28]}""",
        "siglip" or "paligemma" => """{"image_processor_type": "SiglipImageProcessor", "size": {"height": 28, "width": 28}, "resample": 3, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}""",
        "qwen2_vl" => """{"image_processor_type": "Qwen2VLImageProcessor", "min_pixels": 144, "max_pixels": 1152, "patch_size": 6, "merge_size": 2, "temporal_patch_size": 2, "resample": 3, "image_mean": [0.48, 0.46, 0.41], "image_std": [0.27, 0.26, 0.28]}""",
        _ => null,
    };
}
