using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Data;

/// <summary>Files of one JSON value a line.</summary>
internal static class JsonLines
{
    /// <summary>Each line's number (from 1) and value. Blank lines are passed over; a line that does not parse is a fault and is skipped.</summary>
    public static IEnumerable<(int Number, T Value)> Read<T>(string path, Action<DataFault> onFault)
        where T : class
    {
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line)) continue;

            if (Parse<T>(line, path, number, onFault) is { } value) yield return (number, value);
        }
    }

    public static void Write<T>(string path, IEnumerable<T> values) =>
        TextFile.WriteLines(path, values.Select(value => JsonSerializer.Serialize(value, JointFusionJson.Line)));

    private static T? Parse<T>(string line, string path, int number, Action<DataFault> onFault)
        where T : class
    {
        try
        {
            var value = JsonSerializer.Deserialize<T>(line, JointFusionJson.Line);
            if (value is null) onFault(new DataFault(path, number, "null where an object is expected"));
            return value;
        }
        catch (JsonException error)
        {
            onFault(new DataFault(path, number, $"not the JSON expected: {error.Message}"));
            return null;
        }
    }
}
