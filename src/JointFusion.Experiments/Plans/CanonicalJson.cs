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
internal static class CanonicalJson
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
                WriteObject(text, table.Keys.Cast<object>().Select(key => (string.Create(CultureInfo.InvariantCulture, $"{key}"), table[key])));
                break;
            case IEnumerable list:
                WriteList(text, list);
                break;
            default:
                WriteObject(text, MembersOf(value.GetType()).Where(member => member.IsWritten(value)).Select(member => (member.Name, member.Of(value))));
                break;
        }
    }

    private static void WriteObject(StringBuilder text, IEnumerable<(string Name, object? Value)> members)
    {
        var next = '{';
        foreach (var (name, value) in members.OrderBy(member => member.Name, StringComparer.Ordinal))
        {
            Quote(text.Append(next), name);
            Write(text.Append(':'), value);
            next = ',';
        }
        text.Append(next == '{' ? "{}" : "}");
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

    /// <exception cref="NotSupportedException">It is of a kind that no hash has had yet, and that the serializer writes in a way of its own.</exception>
    private static Member[] MembersOf(Type type) => Known.GetOrAdd(type, static type =>
        type.Namespace?.StartsWith("System", StringComparison.Ordinal) == true || type.IsDefined(typeof(JsonConverterAttribute), inherit: true)
            ? throw new NotSupportedException($"A {type} has no canonical text yet: say here what it is.")
            : [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.GetMethod?.IsPublic == true && property.GetIndexParameters().Length == 0).Select(Member.Of).OfType<Member>()]);

    /// <param name="Name">As it is written.</param>
    /// <param name="LeftOut">The value that is not written; <see cref="Always"/>: each is.</param>
    private sealed record Member(PropertyInfo Property, string Name, object? LeftOut)
    {
        private static readonly object Always = new();

        /// <returns>Null: it is never written.</returns>
        public static Member? Of(PropertyInfo property) => property.GetCustomAttribute<JsonIgnoreAttribute>()?.Condition switch
        {
            JsonIgnoreCondition.Always => null,
            JsonIgnoreCondition.WhenWritingDefault => new Member(property, NameOf(property), DefaultOf(property.PropertyType)),
            JsonIgnoreCondition.WhenWritingNull => new Member(property, NameOf(property), null),
            _ => new Member(property, NameOf(property), Always),
        };

        public object? Of(object owner) => Property.GetValue(owner);

        public bool IsWritten(object owner) => !Equals(Property.GetValue(owner), LeftOut);

        private static string NameOf(PropertyInfo property) => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);

        private static object? DefaultOf(Type type) => type.IsValueType && Nullable.GetUnderlyingType(type) is null ? Activator.CreateInstance(type) : null;
    }
}
