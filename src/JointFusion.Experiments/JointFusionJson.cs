using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace JointFusion.Experiments;

/// <summary>The one way JSON is written here: snake_case names and enum values, relaxed escaping; files indented, lines not.</summary>
public static class JointFusionJson
{
    public static JsonSerializerOptions Line { get; } = Create(indented: false);
    public static JsonSerializerOptions File { get; } = Create(indented: true);

    private static JsonSerializerOptions Create(bool indented) => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = null,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        WriteIndented = indented,
    };
}
