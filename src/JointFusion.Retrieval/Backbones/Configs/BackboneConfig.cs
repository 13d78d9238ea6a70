using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Retrieval;

/// <summary>config.json of a Hugging Face checkpoint folder: what the weights beside it mean. Absent keys have the reference library's defaults (transformers 4.51).</summary>
public abstract record BackboneConfig
{
    private static readonly JsonSerializerOptions Strict = new(JointFusionJson.Line) { RespectNullableAnnotations = true };

    /// <summary>By <c>model_type</c>.</summary>
    private static readonly Dictionary<string, Type> Known = new(StringComparer.Ordinal)
    {
        ["clip"] = typeof(ClipConfig),
        ["gemma"] = typeof(GemmaConfig),
        ["paligemma"] = typeof(PaliGemmaConfig),
        ["qwen2"] = typeof(Qwen2Config),
        ["qwen2_vl"] = typeof(Qwen2VlConfig),
        ["siglip"] = typeof(SiglipConfig),
    };

    /// <summary>Such as <c>qwen2_vl</c>.</summary>
    public string ModelType { get; init; } = "";

    /// <param name="folder">Of the checkpoint.</param>
    /// <exception cref="CheckpointException">There is no config.json, it cannot be read, or it describes a model that is not known here.</exception>
    public static BackboneConfig Read(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var config = (BackboneConfig)document.Deserialize(TypeOf(path, document.RootElement), Strict)!;
            config.Check(cause => new CheckpointException(path, cause));
            return config;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CheckpointException(path, $"is not the config of a model: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be read: {e.Message} Give a folder in Hugging Face's checkpoint layout.", e);
        }
    }

    /// <summary>The new module, its parameters not filled yet.</summary>
    /// <param name="languageHead">Whether it can compute logits over the vocabulary, which no embedding needs.</param>
    internal abstract Backbone Build(Placement placement, bool languageHead);

    /// <summary>Throws what <paramref name="fault"/> makes of a setting that is not computed here: better refused than ignored.</summary>
    internal virtual void Check(Func<string, Exception> fault)
    {
    }

    private static Type TypeOf(string path, JsonElement config)
    {
        var name = config.TryGetProperty("model_type", out var type) ? type.GetString() ?? "" : "";
        return Known.TryGetValue(name, out var known)
            ? known
            : throw new CheckpointException(path, $"has the model_type '{name}'. Known are {string.Join(", ", Known.Keys.Order(StringComparer.Ordinal))}.");
    }
}
