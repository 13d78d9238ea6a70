using System.Text.Json;

namespace JointFusion.Data;

/// <summary>A value of a JSON file that knows where it stands, so that a fault in it is told by file and key.</summary>
/// <param name="File">Its path.</param>
/// <param name="Key">From the file's top, such as <c>model.merges[3]</c>; empty at the top.</param>
internal readonly record struct JsonPlace(string File, string Key, JsonElement Value)
{
    /// <exception cref="DataException">The file is missing or holds no JSON object.</exception>
    public static JsonPlace Open(string path)
    {
        try
        {
            var top = new JsonPlace(path, "", JsonElement.Parse(System.IO.File.ReadAllBytes(path)));
            return top.Value.ValueKind == JsonValueKind.Object ? top : throw new DataException($"{path}: an object is expected, not {top.Kind}.");
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: cannot be read as JSON ({error.Message}). Fetch the file again.", error);
        }
    }

    private string Kind => Value.ValueKind.ToString().ToLowerInvariant();

    /// <returns>Null where the key is absent or null.</returns>
    public JsonPlace? Find(string name)
    {
        if (Value.ValueKind != JsonValueKind.Object) throw Fault($"an object is expected, not {Kind}");
        return Value.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? Below(name, value) : null;
    }

    public JsonPlace Get(string name) => Find(name) ?? throw Fault($"\"{name}\" is missing");

    public string Text() => Value.ValueKind == JsonValueKind.String ? Value.GetString()! : throw Fault($"a text is expected, not {Kind}");

    public int Integer() =>
        Value.ValueKind == JsonValueKind.Number && Value.TryGetInt32(out var number) ? number : throw Fault($"an integer is expected, not {Shown}");

    public double Number() => Value.ValueKind == JsonValueKind.Number ? Value.GetDouble() : throw Fault($"a number is expected, not {Kind}");

    public bool Flag() => Value.ValueKind is JsonValueKind.True or JsonValueKind.False ? Value.GetBoolean() : throw Fault($"true or false is expected, not {Kind}");

    /// <param name="absent">Where the key is absent or null.</param>
    public bool Flag(string name, bool absent) => Find(name)?.Flag() ?? absent;

    public IEnumerable<JsonPlace> Items()
    {
        if (Value.ValueKind != JsonValueKind.Array) throw Fault($"an array is expected, not {Kind}");
        var place = this;
        return Value.EnumerateArray().Select((item, i) => place with { Key = $"{place.Key}[{i}]", Value = item });
    }

    public IEnumerable<(string Name, JsonPlace Place)> Entries()
    {
        if (Value.ValueKind != JsonValueKind.Object) throw Fault($"an object is expected, not {Kind}");
        var place = this;
        return Value.EnumerateObject().Select(entry => (entry.Name, place.Below(entry.Name, entry.Value)));
    }

    /// <summary>What is not known is not passed over: it could change the result.</summary>
    /// <exception cref="DataException">There is a key beside these.</exception>
    public void RequireOnly(params ReadOnlySpan<string> names)
    {
        foreach (var (name, place) in Entries())
        {
            if (!names.Contains(name)) throw place.Fault("is not known here, so what it would change is not known either");
        }
    }

    public DataException Fault(string what) => new($"{File}: {(Key.Length == 0 ? "" : Key + ": ")}{what}.");

    /// <summary>A kind of component that is not known, or not supported.</summary>
    public DataException Unsupported(string what) => Fault($"{what} {Shown} is not supported");

    private string Shown => Value.GetRawText() is { Length: <= 60 } text ? text : Kind;

    private JsonPlace Below(string name, JsonElement value) => this with { Key = Key.Length == 0 ? name : $"{Key}.{name}", Value = value };
}
