using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace JointFusion.Data;

/// <summary>Lists of candidate ids: strings in UniIR's code, <c>{"did": ...}</c> objects on the data set's card. Written as strings.</summary>
internal sealed class DidListConverter : JsonConverter<ImmutableArray<string>>
{
    // A null list is an empty one.
    public override bool HandleNull => true;

    public override ImmutableArray<string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Null) return [];

        using var list = JsonDocument.ParseValue(ref reader);
        if (list.RootElement.ValueKind != JsonValueKind.Array) throw new JsonException("expected a list of candidate ids");

        return [.. list.RootElement.EnumerateArray().Select(ReadDid)];
    }

    public override void Write(Utf8JsonWriter writer, ImmutableArray<string> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var did in value)
        {
            writer.WriteStringValue(did);
        }

        writer.WriteEndArray();
    }

    private static string ReadDid(JsonElement item)
    {
        var did = item.ValueKind == JsonValueKind.Object && item.TryGetProperty("did", out var inner) ? inner : item;
        return did.ValueKind == JsonValueKind.String
            ? did.GetString()!
            : throw new JsonException("a candidate id is neither a string nor an object with a did");
    }
}
