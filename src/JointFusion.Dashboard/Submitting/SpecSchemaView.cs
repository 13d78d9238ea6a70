using System.Collections.Immutable;
using System.Text.Json.Nodes;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>The schema of specs, asked by the path to a value.</summary>
internal sealed class SpecSchemaView(JsonObject root)
{
    private static readonly ImmutableHashSet<string> KeyPathMappings = ["sweep.grid", "sweep.zip", "sweep.when", "sweep.random.keys"];

    public static SpecSchemaView Create() => new(SpecSchema.Create());

    /// <returns>Null where no spec has such a value.</returns>
    public JsonObject? At(IEnumerable<string> path) => path.Aggregate((JsonObject?)root, (schema, segment) => schema is null ? null : Child(schema, segment));

    /// <summary>Keys of a mapping with their schemas; empty for any other value.</summary>
    public static IEnumerable<(string Key, JsonObject Schema)> Keys(JsonObject schema) =>
        Variants(schema).SelectMany(variant => variant["properties"]?.AsObject() ?? []).Select(key => (key.Key, key.Value!.AsObject()));

    /// <summary>Of a choice or a flag; empty for any other value.</summary>
    public static IEnumerable<string> Values(JsonObject schema) =>
        (string?)(schema["type"] as JsonValue) == "boolean" ? ["true", "false"] : schema["enum"]?.AsArray().Select(value => $"{value}") ?? [];

    /// <summary>Whether its keys are key paths into the spec.</summary>
    public static bool TakesKeyPaths(ImmutableArray<string> path) =>
        KeyPathMappings.Contains(string.Join('.', path)) || (path is ["sweep", "when", _]);

    /// <summary>Of all that a sweep may vary, such as <c>stages[0].steps</c>, with their schemas.</summary>
    public IEnumerable<(string Key, JsonObject Schema)> KeyPaths() => Scalars(root, "").Where(key => key.Key != "name" && (string?)(key.Schema["type"] as JsonValue) != "string");

    /// <summary>Of one key path, whichever stage it names.</summary>
    public JsonObject? OfKeyPath(string path) => At(path.Split('.').SelectMany(part => part.IndexOf('[') is var at and > 0 ? (string[])[part[..at], YamlPlace.Item] : [part]));

    public static string Describe(JsonObject schema) => (string?)schema["description"] ?? string.Join(" | ", Values(schema));

    private static IEnumerable<JsonObject> Variants(JsonObject schema) => schema["anyOf"] is JsonArray any ? any.Select(one => one!.AsObject()) : [schema];

    private static JsonObject? Child(JsonObject schema, string segment) => Variants(schema)
        .Select(variant => segment == YamlPlace.Item ? variant["items"] : variant["properties"]?[segment] ?? (variant["additionalProperties"] as JsonObject))
        .OfType<JsonObject>().FirstOrDefault();

    private static IEnumerable<(string Key, JsonObject Schema)> Scalars(JsonObject schema, string prefix) =>
        from key in Keys(schema)
        where prefix.Length > 0 || key.Key != "sweep"
        let items = key.Schema["items"] as JsonObject
        let path = items is null ? $"{prefix}{key.Key}" : $"{prefix}{key.Key}[0]"
        let inner = items ?? key.Schema
        from scalar in Keys(inner).Any() ? Scalars(inner, path + ".") : items is null ? [(path, key.Schema)] : []
        select scalar;
}
