using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json.Nodes;

namespace JointFusion.Experiments;

/// <summary>
/// The JSON Schema (draft 2020-12) of an experiment's YAML, for editors that complete and check while one writes. Read off the records that
/// the loader binds, descriptions included, so that it knows every key and no other; rules between keys are the loader's alone.
/// </summary>
public static class SpecSchema
{
    /// <exception cref="FileNotFoundException">The XML documentation is missing beside the assembly.</exception>
    public static JsonObject Create()
    {
        var docs = SpecDocs.Load();
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "JointFusion experiment",
        };
        foreach (var (key, value) in Record(typeof(ExperimentSpec), docs).ToArray())
            schema[key] = value?.DeepClone();
        return schema;
    }

    private static JsonObject Record(Type type, SpecDocs docs)
    {
        var properties = new JsonObject();
        foreach (var property in SpecKeys.Of(type))
            properties[SpecKeys.Name(property.Name)] = Key(property, docs);
        return new JsonObject
        {
            ["description"] = docs.Of(type),
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = new JsonArray([.. SpecKeys.Of(type).Where(SpecKeys.IsRequired).Select(property => (JsonNode)SpecKeys.Name(property.Name))]),
            ["additionalProperties"] = false,
        };
    }

    private static JsonObject Key(PropertyInfo property, SpecDocs docs)
    {
        var schema = Value(SpecKeys.ValueType(property), docs);
        if ((docs.Of(property) ?? docs.Of(SpecKeys.ValueType(property))) is { } description)
            schema["description"] = description;
        return schema;
    }

    private static JsonObject Value(Type type, SpecDocs docs) => type switch
    {
        { IsEnum: true } => new() { ["enum"] = new JsonArray([.. Enum.GetNames(type).Select(name => (JsonNode)SpecKeys.Name(name))]) },
        _ when type == typeof(string) => new() { ["type"] = "string" },
        _ when type == typeof(bool) => new() { ["type"] = "boolean" },
        _ when type == typeof(int) => new() { ["type"] = "integer" },
        _ when type == typeof(double) => new() { ["type"] = "number" },
        _ when type == typeof(ImmutableArray<SweepAxis>) => Mapping(PlainValues()),
        _ when type == typeof(ImmutableArray<RandomAxis>) => Mapping(Drawn()),
        _ when type == typeof(ImmutableArray<SweepCondition>) => Mapping(Mapping(new() { ["anyOf"] = new JsonArray(PlainValue(), PlainValues()) })),
        _ when type == typeof(ImmutableSortedDictionary<string, string>) => Mapping(new() { ["type"] = "string" }),
        _ when type == typeof(WorkerCount) => new() { ["anyOf"] = new JsonArray(Value(typeof(int), docs), Record(type, docs)) },
        _ when SpecKeys.ElementType(type) is { } element => new() { ["type"] = "array", ["items"] = Value(element, docs) },
        _ => Record(type, docs),
    };

    /// <summary>A mapping whose keys are the user's own.</summary>
    private static JsonObject Mapping(JsonObject values) => new() { ["type"] = "object", ["additionalProperties"] = values };

    /// <summary>One of the distributions, with its values.</summary>
    private static JsonObject Drawn() => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject(Enum.GetNames<Distribution>().Select(name => KeyValuePair.Create(SpecKeys.Name(name), (JsonNode?)PlainValues()))),
        ["minProperties"] = 1,
        ["maxProperties"] = 1,
        ["additionalProperties"] = false,
    };

    private static JsonObject PlainValues() => new() { ["type"] = "array", ["minItems"] = 1, ["items"] = PlainValue() };

    private static JsonObject PlainValue() => new() { ["type"] = new JsonArray("string", "number", "boolean") };
}
