using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace JointFusion.Experiments;

/// <summary>One text for one value: keys sorted at every level, no white space, so that reordering a record's members changes no hash.</summary>
internal static class CanonicalJson
{
    public static string Of<T>(T value) =>
        Sorted(JsonSerializer.SerializeToNode(value, JointFusionJson.Line))?.ToJsonString(JointFusionJson.Line) ?? "null";

    /// <summary>The first 16 hex digits of the SHA-256 of a value's canonical JSON.</summary>
    public static string Hash<T>(T value) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Of(value))))[..16];

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject record => new JsonObject(record
            .OrderBy(member => member.Key, StringComparer.Ordinal)
            .Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
