using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace JointFusion.Dashboard;

/// <summary>What the schema allows at a caret: keys that are not there yet, the values of a choice.</summary>
internal sealed class SpecCompleter(SpecSchemaView schema)
{
    private const int Most = 40;

    public SpecSuggestions Complete(string text, int caret)
    {
        if (caret < 0 || caret > text.Length || YamlCursor.Find(text, caret) is not { } place)
            return SpecSuggestions.None;
        ImmutableArray<SpecSuggestion> items = [.. (place.IsValue ? Values(place) : Keys(place)).Take(Most)];
        return items is [var only] && only.Label == place.Prefix ? SpecSuggestions.None : new(place.Prefix.Length, items);
    }

    private IEnumerable<SpecSuggestion> Values(YamlPlace place) =>
        from value in SpecSchemaView.Values(Schema(place.Path) ?? [])
        where Fits(value, place.Prefix)
        select new SpecSuggestion(value, value, "");

    /// <summary>The values of a swept key are those of the key.</summary>
    private JsonObject? Schema(ImmutableArray<string> path)
    {
        var swept = Enumerable.Range(0, path.Length).LastOrDefault(at => SpecSchemaView.TakesKeyPaths(path[..at]), -1);
        return swept >= 0 ? schema.OfKeyPath(path[swept]) : schema.At(path);
    }

    private IEnumerable<SpecSuggestion> Keys(YamlPlace place)
    {
        if (SpecSchemaView.TakesKeyPaths(place.Path))
            return Written(schema.KeyPaths(), place, _ => ": [");
        return schema.At(place.Path) is { } mapping ? Written(SpecSchemaView.Keys(mapping), place, key => After(key, place)) : [];
    }

    private static IEnumerable<SpecSuggestion> Written(IEnumerable<(string Key, JsonObject Schema)> keys, YamlPlace place, Func<JsonObject, string> after) =>
        from key in keys
        where !place.Siblings.Contains(key.Key) && Fits(key.Key, place.Prefix)
        orderby key.Key.StartsWith(place.Prefix, StringComparison.Ordinal) descending
        select new SpecSuggestion(key.Key, key.Key + after(key.Schema), SpecSchemaView.Describe(key.Schema));

    /// <summary>Of a key: what its value begins with.</summary>
    private static string After(JsonObject schema, YamlPlace place)
    {
        var below = "\n" + new string(' ', place.Indent + 2);
        return schema switch
        {
            _ when schema["items"] is JsonObject items => SpecSchemaView.Keys(items).Any() && !place.IsFlow ? $":{below}- " : ": [",
            _ when schema["anyOf"] is not null => ": ",
            _ when SpecSchemaView.Keys(schema).Any() || schema["additionalProperties"] is JsonObject => place.IsFlow ? ": { " : $":{below}",
            _ => ": ",
        };
    }

    /// <summary>Somewhere in it: who looks for a rate need not know that it is <c>stages[0].learning_rate</c>.</summary>
    private static bool Fits(string word, string prefix) => word.Contains(prefix, StringComparison.OrdinalIgnoreCase);
}
