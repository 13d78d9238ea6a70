using System.Text.Json;

namespace JointFusion.Orchestration;

/// <summary>What the readers of JSON do not look at: their lists hold whatever the bytes say, also null where the type has no room for it.</summary>
internal static class JsonNulls
{
    /// <summary>Of messages none has a list with holes, and whoever reads one relies on it.</summary>
    /// <exception cref="JsonException">A list holds null, or the bytes are no JSON.</exception>
    public static void RefuseInLists(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var lists = new Stack<bool>();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray or JsonTokenType.StartObject:
                    lists.Push(reader.TokenType == JsonTokenType.StartArray);
                    break;
                case JsonTokenType.EndArray or JsonTokenType.EndObject:
                    lists.Pop();
                    break;
                case JsonTokenType.Null when lists.TryPeek(out var isList) && isList:
                    throw new JsonException($"a list holds null, at byte {reader.TokenStartIndex}");
            }
        }
    }
}
