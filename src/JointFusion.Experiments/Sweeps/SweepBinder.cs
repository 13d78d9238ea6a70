using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>Binds those parts of a sweep that are mappings of key paths. What paths and values mean is judged once the spec is whole.</summary>
internal sealed class SweepBinder(SpecBinder binder)
{
    public static bool Binds(Type type) => SpecKeys.ElementType(type) is { } element
        && (element == typeof(SweepAxis) || element == typeof(RandomAxis) || element == typeof(SweepCondition));

    public object Bind(SpecNode node, Type type, string path)
    {
        if (type == typeof(ImmutableArray<RandomAxis>))
            return Entries(node, path, "distributions", Drawn);
        return type == typeof(ImmutableArray<SweepCondition>) ? Entries(node, path, "conditions", Condition) : Entries(node, path, "lists", Axis);
    }

    private ImmutableArray<T> Entries<T>(SpecNode node, string path, string what, Func<string, SpecNode, string, T?> bind)
        where T : class
    {
        if (node is not SpecNode.Mapping mapping)
            return (ImmutableArray<T>)binder.Wrong(node, typeof(ImmutableArray<T>), path, $"{node.Kind} where a mapping of key paths to {what} is expected");

        var entries = ImmutableArray.CreateBuilder<T>();
        foreach (var (key, value) in binder.Distinct(mapping, path + "."))
        {
            var entryPath = $"{path}.{key.Text}";
            binder.Place(entryPath, key);
            if (bind(key.Text, value, entryPath) is { } entry)
                entries.Add(entry);
        }

        return entries.DrainToImmutable();
    }

    private SweepAxis? Axis(string keyPath, SpecNode value, string path) => Values(value, path) is { } values ? new(keyPath, values) : null;

    /// <summary>Where one value is all that is asked for, it needs no brackets.</summary>
    private SweepAxis? OneOrMore(string keyPath, SpecNode value, string path)
    {
        if (value is not SpecNode.Scalar { IsNull: false } scalar)
            return Axis(keyPath, value, path);
        binder.Place($"{path}[0]", value);
        return new SweepAxis(keyPath, [scalar.Text]);
    }

    private SweepCondition? Condition(string keyPath, SpecNode value, string path)
    {
        if (value is SpecNode.Mapping { Entries.Count: > 0 })
            return new SweepCondition(keyPath, Entries(value, path, "values", OneOrMore));
        binder.Fault(value, path, $"{(value is SpecNode.Mapping ? "nothing" : value.Kind)} where another key and its values are expected, such as {{ retriever.fusion: [score] }}");
        return null;
    }

    private RandomAxis? Drawn(string keyPath, SpecNode value, string path)
    {
        ImmutableArray<string> known = [.. Enum.GetNames<Distribution>().Select(SpecKeys.Name)];
        if (value is not SpecNode.Mapping { Entries: [var (name, bounds)] })
        {
            binder.Fault(value, path, $"{value.Kind} where one of {string.Join(", ", known)} is expected, such as {{ log_uniform: [1.0e-4, 1.0e-3] }}");
            return null;
        }

        if (!known.Contains(name.Text))
        {
            binder.Fault(name, path, $"'{name.Text}' is not known; {Spelling.Allowed(name.Text, known)}");
            return null;
        }

        var valuesPath = $"{path}.{name.Text}";
        binder.Place(valuesPath, bounds);
        return Values(bounds, valuesPath) is { } values ? new RandomAxis(keyPath, Enum.GetValues<Distribution>()[known.IndexOf(name.Text)], values) : null;
    }

    private ImmutableArray<string>? Values(SpecNode value, string path)
    {
        if (value is not SpecNode.Sequence { Items: { Count: > 0 } items })
        {
            binder.Fault(value, path, $"{(value is SpecNode.Sequence ? "an empty list" : value.Kind)} where a list of values is expected");
            return null;
        }

        for (var i = 0; i < items.Count; i++)
        {
            binder.Place($"{path}[{i}]", items[i]);
            if (items[i] is not SpecNode.Scalar { IsNull: false })
                binder.Fault(items[i], $"{path}[{i}]", $"{items[i].Kind} where one plain value is expected");
        }

        return [.. items.Select(item => (item as SpecNode.Scalar)?.Text ?? "")];
    }
}
