using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace JointFusion.Experiments;

/// <summary>The keys of a spec, read off its records: a key is a settable property in snake_case, as in the JSON of plans.</summary>
internal static partial class SpecKeys
{
    private static readonly MethodInfo AsImmutableArray =
        typeof(ImmutableCollectionsMarshal).GetMethod(nameof(ImmutableCollectionsMarshal.AsImmutableArray))!;

    private static readonly MethodInfo Clone = typeof(object).GetMethod(nameof(MemberwiseClone), BindingFlags.NonPublic | BindingFlags.Instance)!;

    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Known = [];
    private static readonly ConcurrentDictionary<Type, Dictionary<string, PropertyInfo>> ByName = [];

    public static string Name(string member) => JsonNamingPolicy.SnakeCaseLower.ConvertName(member);

    /// <summary>In the order of declaration.</summary>
    public static IReadOnlyList<PropertyInfo> Of(Type record) => Known.GetOrAdd(
        record, static record => [.. record.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite)]);

    public static PropertyInfo? Find(Type record, string key) =>
        ByName.GetOrAdd(record, static record => Of(record).ToDictionary(property => Name(property.Name))).GetValueOrDefault(key);

    public static bool IsRequired(PropertyInfo property) => property.IsDefined(typeof(RequiredMemberAttribute));

    /// <summary>Without the question mark of an optional value.</summary>
    public static Type ValueType(PropertyInfo property) => Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;

    /// <summary>The element type of a list; null for anything else.</summary>
    public static Type? ElementType(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>) ? type.GetGenericArguments()[0] : null;

    public static bool IsScalar(Type type) => type.IsEnum || type == typeof(string) || type.IsPrimitive;

    /// <summary>Key paths of all scalars below a record, but for those of a sweep; elements of lists of records stand at index 0, as in <c>stages[0].steps</c>.</summary>
    public static IEnumerable<ScalarKey> Scalars(Type record, string prefix = "")
    {
        foreach (var property in Of(record))
        {
            var (path, type) = (prefix + Name(property.Name), ValueType(property));
            if (type == typeof(SweepSpec))
                continue; // It speaks of the others.
            if (IsScalar(type))
                yield return new(path, type);
            else if (type == typeof(WorkerCount))
                yield return new(path, typeof(int)); // A sweep varies the number; see With.
            else if (ElementType(type) is not { } element)
                foreach (var scalar in Scalars(type, path + "."))
                    yield return scalar;
            else if (!IsScalar(element))
                foreach (var scalar in Scalars(element, path + "[0]."))
                    yield return scalar;
        }
    }

    /// <summary>A copy of <paramref name="record"/> with the value at <paramref name="path"/> replaced.</summary>
    /// <param name="path">Of a scalar that exists: see <see cref="Scalars"/>, with any index that the list has.</param>
    public static object With(object record, string path, object? value)
    {
        var segment = PathSegment().Match(path);
        var property = Find(record.GetType(), segment.Groups["key"].Value)!;
        var rest = segment.Groups["rest"].Value;
        var current = property.GetValue(record)!;
        object? replaced;
        if (rest.Length == 0)
            replaced = ValueType(property) == typeof(WorkerCount) && value is int count ? (WorkerCount)count : value;
        else if (segment.Groups["index"] is { Success: true, Value: var index })
            replaced = WithItem(current, ElementType(ValueType(property))!, int.Parse(index), rest, value);
        else
            replaced = With(current, rest, value);

        var copy = Clone.Invoke(record, null)!;
        property.SetValue(copy, replaced);
        return copy;
    }

    /// <summary>The first mapping on the way to a scalar that a record has not; null: all are there.</summary>
    /// <param name="path">See <see cref="With"/>.</param>
    public static string? MissingParent(object record, string path)
    {
        var segment = PathSegment().Match(path);
        var rest = segment.Groups["rest"].Value;
        if (rest.Length == 0)
            return null;
        var written = path[..^(rest.Length + 1)];
        if (Find(record.GetType(), segment.Groups["key"].Value)!.GetValue(record) is not { } value)
            return written;
        var inner = segment.Groups["index"] is { Success: true, Value: var index } ? ((IEnumerable)value).Cast<object>().ElementAt(int.Parse(index)) : value;
        return MissingParent(inner, rest) is { } missing ? $"{written}.{missing}" : null;
    }

    /// <summary>An <c>ImmutableArray&lt;element&gt;</c> of the items.</summary>
    public static object ListOf(Type element, IReadOnlyList<object?> items)
    {
        var array = Array.CreateInstance(element, items.Count);
        for (var i = 0; i < items.Count; i++)
            array.SetValue(items[i], i);
        return AsImmutableArray.MakeGenericMethod(element).Invoke(null, [array])!;
    }

    private static object WithItem(object list, Type element, int index, string rest, object? value)
    {
        var items = ((IEnumerable)list).Cast<object?>().ToArray();
        items[index] = With(items[index]!, rest, value);
        return ListOf(element, items);
    }

    public sealed record ScalarKey(string Path, Type Type);

    [GeneratedRegex(@"^(?<key>\w+)(\[(?<index>\d+)\])?(\.(?<rest>.+))?$")]
    private static partial Regex PathSegment();
}
