using System.Text.Json;
using System.Text.Json.Serialization;

namespace JointFusion.Dashboard;

/// <summary>Writes each value of a type on a line of its own in a file that is indented: long lists stay short, and their differences readable.</summary>
/// <param name="line">How the value itself is written and read; not the options that this converter is part of.</param>
internal sealed class OnALine<T>(JsonSerializerOptions line) : JsonConverter<T>
{
    public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => JsonSerializer.Deserialize<T>(ref reader, line);

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteRawValue(JsonSerializer.SerializeToUtf8Bytes(value, line), skipInputValidation: true);
}
