using System.Text.Json;

namespace JointFusion.Dashboard;

/// <summary>Takes the numbers of a line of metrics.jsonl, in its order.</summary>
internal interface IMetricSink
{
    /// <param name="owner">Name of the object that it is a member of; empty: of the line itself.</param>
    void Take(ReadOnlySpan<byte> owner, ReadOnlySpan<byte> name, double value);
}

/// <summary>A line of metrics.jsonl, read without making a record of it: a million of them are looked through to draw one curve.</summary>
internal static class MetricLine
{
    /// <returns>Whether it is whole.</returns>
    public static bool Read<T>(ReadOnlySpan<byte> line, ref T sink)
        where T : IMetricSink, allows ref struct
    {
        var reader = new Utf8JsonReader(line);
        ReadOnlySpan<byte> owner = [], name = [];
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        name = reader.ValueSpan;
                        break;
                    case JsonTokenType.StartObject when reader.CurrentDepth == 1:
                        owner = name;
                        break;
                    case JsonTokenType.EndObject when reader.CurrentDepth == 1:
                        owner = [];
                        break;
                    case JsonTokenType.StartArray or JsonTokenType.StartObject when reader.CurrentDepth > 0:
                        reader.Skip();
                        break;
                    case JsonTokenType.Number:
                        sink.Take(owner, name, reader.GetDouble());
                        break;
                }
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
