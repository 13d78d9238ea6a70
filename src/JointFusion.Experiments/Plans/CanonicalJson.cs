using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace JointFusion.Experiments;

/// <summary>One text for one value: keys sorted at every level, no white space, so that reordering a record's members changes no hash.</summary>
/// <remarks>
/// What <see cref="JsonSerializer"/> writes with <see cref="JointFusionJson.Line"/>, sorted. It is not asked to: for each enum and each nullable value among a spec's members it
/// has dozens of methods compiled, which took a third of the time of `jf plan`. A test holds this to it.
/// </remarks>
public static class CanonicalJson
{
    private static readonly ConcurrentDictionary<Type, Member[]> Known = [];

    public static string Of<T>(T value)
    {
        var text = new StringBuilder();
        Write(text, value);
        return text.ToString();
    }

    /// <summary>The first 16 hex digits of the SHA-256 of a value's canonical JSON.</summary>
    public static string Hash<T>(T value) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Of(value))))[..16];

    private static void Write(StringBuilder text, object? value)
    {
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case string words:
                Quote(text, words);
                break;
            case bool flag:
                text.Append(flag ? "true" : "false");
                break;
            case Enum choice:
                Quote(text, JsonNamingPolicy.SnakeCaseLower.ConvertName(choice.ToString()));
                break;
            case double or float or int or long or uint or ulong or short or byte:
                text.Append(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));
                break;
            case IDictionary table:
                WriteTable(text, table);
                break;
            case IEnumerable list:
                WriteList(text, list);
                break;
            default:
                WriteRecord(text, value);
                break;
        }
    }

    private static void WriteRecord(StringBuilder text, object record)
    {
        var next = '{';
        foreach (var member in MembersOf(record.GetType()))
        {
            var value = member.Property.GetValue(record);
            if (Equals(value, member.LeftOut))
                continue;
            Write(text.Append(next).Append(member.Name), value);
            next = ',';
        }
        text.Append(next == '{' ? "{}" : "}");
    }

    private static void WriteTable(StringBuilder text, IDictionary table)
    {
        var keys = new string[table.Count];
        var values = new object?[table.Count];
        var filled = 0;
        foreach (DictionaryEntry entry in table)
            (keys[filled], values[filled++]) = (Convert.ToString(entry.Key, CultureInfo.InvariantCulture)!, entry.Value);
        Array.Sort(keys, values, StringComparer.Ordinal);

        for (var i = 0; i < keys.Length; i++)
        {
            Quote(text.Append(i == 0 ? '{' : ','), keys[i]);
            Write(text.Append(':'), values[i]);
        }
        text.Append(keys.Length == 0 ? "{}" : "}");
    }

    private static void WriteList(StringBuilder text, IEnumerable list)
    {
        var next = '[';
        foreach (var item in list)
        {
            Write(text.Append(next), item);
            next = ',';
        }
        text.Append(next == '[' ? "[]" : "]");
    }

    private static void Quote(StringBuilder text, string words) =>
        text.Append('"').Append(JsonEncodedText.Encode(words, JointFusionJson.Line.Encoder).Value).Append('"');

    /// <summary>Sorted, as they are written.</summary>
    /// <exception cref="NotSupportedException">It is of a kind that no hash has had yet, and that the serializer writes in a way of its own.</exception>
    private static Member[] MembersOf(Type type) => Known.GetOrAdd(type, static type =>
    {
        if (type.Namespace?.StartsWith("System", StringComparison.Ordinal) == true || type.IsDefined(typeof(JsonConverterAttribute), inherit: true))
            throw new NotSupportedException($"A {type} has no canonical text yet: say here what it is.");
        var members = new SortedList<string, Member>(StringComparer.Ordinal);
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var name = JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
            if (property.GetMethod?.IsPublic == true && property.GetIndexParameters().Length == 0 && Member.Of(property, name) is { } member)
                members.Add(name, member);
        }
        return [.. members.Values];
    });

    /// <param name="Name">As it is written, quoted, with the colon.</param>
    /// <param name="LeftOut">The value that is not written; <see cref="Always"/>: each is.</param>
    private sealed record Member(PropertyInfo Property, string Name, object? LeftOut)
    {
        private static readonly object Always = new();

        /// <returns>Null: it is never written.</returns>
        public static Member? Of(PropertyInfo property, string name)
        {
            var quoted = new StringBuilder();
            Quote(quoted, name);
            return (property.IsDefined(typeof(JsonIgnoreAttribute)) ? property.GetCustomAttribute<JsonIgnoreAttribute>()?.Condition : null) switch
            {
                JsonIgnoreCondition.Always => null,
                JsonIgnoreCondition.WhenWritingDefault => new Member(property, $"{quoted}:", DefaultOf(property.PropertyType)),
                JsonIgnoreCondition.WhenWritingNull => new Member(property, $"{quoted}:", null),
                _ => new Member(property, $"{quoted}:", Always),
            };
        }

        private static object? DefaultOf(Type type) => type.IsValueType && Nullable.GetUnderlyingType(type) is null ? Activator.CreateInstance(type) : null;
    }
}
