using System.Collections.Immutable;
using System.Reflection;

namespace JointFusion.Experiments;

/// <summary>
/// Binds a tree to the records of a spec and goes on after each fault, so that all are found at once. What is faulty or missing is filled
/// with a blank and its key path remembered, so that no rule judges the blank.
/// </summary>
internal sealed class SpecBinder(string file)
{
    private readonly List<SpecFault> _faults = [];
    private readonly HashSet<string> _faulty = [];
    private readonly Dictionary<string, SpecNode> _positions = [];

    public IReadOnlyList<SpecFault> Faults => _faults;

    public ExperimentSpec Bind(SpecNode root) => Bind<ExperimentSpec>(root);

    /// <typeparam name="T">A record of settable properties.</typeparam>
    public T Bind<T>(SpecNode root)
    {
        _positions[""] = root;
        return (T)Value(root, typeof(T), "");
    }

    /// <summary>A fault at a key, or at the nearest parent that the file holds.</summary>
    public SpecFault FaultAt(string path, string shownPath, string message)
    {
        var key = path;
        while (!_positions.ContainsKey(key))
            key = key[..Math.Max(0, key.LastIndexOfAny(['.', '[']))];
        var at = _positions[key].Start;
        return new SpecFault(file, (int)at.Line, (int)at.Column, shownPath, message);
    }

    /// <summary>Whether the value at a path, or one above or below it, could not be read.</summary>
    public bool IsFaulty(string path) => _faulty.Any(faulty => Contains(faulty, path) || Contains(path, faulty));

    /// <summary>Whether the value at a path is missing or of the wrong kind; what is below it is then a blank.</summary>
    public bool CouldNotRead(string path) => _faulty.Contains(path);

    private static bool Contains(string outer, string inner) =>
        outer.Length == 0 || inner == outer || (inner.StartsWith(outer, StringComparison.Ordinal) && inner[outer.Length] is '.' or '[');

    private object Value(SpecNode node, Type type, string path)
    {
        _positions[path] = node;
        if (SpecKeys.IsScalar(type))
            return Scalar(node, type, path);
        if (type == typeof(WorkerCount) && node is not SpecNode.Mapping)
            return Scalar(node, typeof(int), path) is int count && !CouldNotRead(path) ? (WorkerCount)count : Blank(type);
        if (SweepBinder.Binds(type))
            return new SweepBinder(this).Bind(node, type, path);
        if (type == typeof(ImmutableSortedDictionary<string, string>))
            return Texts(node, path);
        if (SpecKeys.ElementType(type) is { } element)
            return List(node, element, path);
        return Record(node, type, path);
    }

    private object Scalar(SpecNode node, Type type, string path)
    {
        if (node is not SpecNode.Scalar scalar || scalar.IsNull)
            return Wrong(node, type, path, $"{node.Kind} where {Expected(type)} is expected");
        if (scalar.Quoted && type != typeof(string))
            return Wrong(node, type, path, $"\"{scalar.Text}\" is text where {Expected(type)} is expected; write it without quotes");

        var value = ScalarReader.Read(scalar.Text, type, out var fault);
        return fault is null ? value! : Wrong(node, type, path, fault);
    }

    private object List(SpecNode node, Type element, string path)
    {
        if (node is not SpecNode.Sequence sequence)
            return Wrong(node, typeof(ImmutableArray<>).MakeGenericType(element), path, $"{node.Kind} where a list is expected; write [a, b]");

        return SpecKeys.ListOf(element, [.. sequence.Items.Select((item, i) => Value(item, element, $"{path}[{i}]"))]);
    }

    private object Record(SpecNode node, Type type, string path)
    {
        if (node is not SpecNode.Mapping mapping)
        {
            var keys = string.Join(", ", SpecKeys.Of(type).Select(property => SpecKeys.Name(property.Name)));
            return Wrong(node, type, path, $"{node.Kind} where a mapping is expected; its keys are {keys}");
        }

        var record = Blank(type);
        var prefix = path.Length == 0 ? "" : path + ".";
        var seen = new HashSet<PropertyInfo>();
        foreach (var (key, value) in Distinct(mapping, prefix))
        {
            if (SpecKeys.Find(type, key.Text) is not { } property)
            {
                var allowed = Spelling.Allowed(key.Text, [.. SpecKeys.Of(type).Select(known => SpecKeys.Name(known.Name))]);
                Report(key, prefix + key.Text, $"unknown key; {allowed}{ForeignNames.Hint(key.Text)}");
                continue;
            }

            seen.Add(property);
            property.SetValue(record, Value(value, SpecKeys.ValueType(property), prefix + key.Text));
        }

        foreach (var missing in SpecKeys.Of(type).Where(property => SpecKeys.IsRequired(property) && !seen.Contains(property)))
            Fault(node, prefix + SpecKeys.Name(missing.Name), $"missing; {Expected(SpecKeys.ValueType(missing))} is required");
        return record;
    }

    /// <summary>A mapping whose keys are the user's own, to texts.</summary>
    private ImmutableSortedDictionary<string, string> Texts(SpecNode node, string path)
    {
        if (node is not SpecNode.Mapping mapping)
            return (ImmutableSortedDictionary<string, string>)Wrong(
                node, typeof(ImmutableSortedDictionary<string, string>), path, $"{node.Kind} where a mapping of names to texts is expected");
        return Distinct(mapping, path + ".").ToImmutableSortedDictionary(
            entry => entry.Key.Text, entry => (string)Value(entry.Value, typeof(string), $"{path}.{entry.Key.Text}"), StringComparer.Ordinal);
    }

    /// <summary>Where faults at a path are told to be.</summary>
    internal void Place(string path, SpecNode node) => _positions[path] = node;

    internal IEnumerable<SpecNode.Entry> Distinct(SpecNode.Mapping mapping, string prefix)
    {
        foreach (var sameKey in mapping.Entries.GroupBy(entry => entry.Key.Text))
        {
            var first = sameKey.First();
            foreach (var (key, _) in sameKey.Skip(1))
                Report(key, prefix + key.Text, $"duplicate key; it already stands at line {first.Key.Start.Line}, column {first.Key.Start.Column}");
            yield return first;
        }
    }

    internal object Wrong(SpecNode node, Type type, string path, string message)
    {
        Fault(node, path, message);
        return Blank(type);
    }

    internal void Fault(SpecNode node, string path, string message)
    {
        _faulty.Add(path);
        Report(node, path, message);
    }

    /// <summary>A fault that leaves the values around it readable.</summary>
    private void Report(SpecNode node, string path, string message) =>
        _faults.Add(new SpecFault(file, (int)node.Start.Line, (int)node.Start.Column, path, message));

    /// <summary>Defaults, and blanks for what is required, down to the leaves: nothing below is null or an uninitialised list.</summary>
    private static object Blank(Type type)
    {
        if (type == typeof(string))
            return "";
        if (type == typeof(ImmutableSortedDictionary<string, string>))
            return ImmutableSortedDictionary<string, string>.Empty;
        if (SpecKeys.ElementType(type) is { } element)
            return SpecKeys.ListOf(element, []);

        var blank = Activator.CreateInstance(type)!;
        if (!SpecKeys.IsScalar(type))
            foreach (var required in SpecKeys.Of(type).Where(SpecKeys.IsRequired))
                required.SetValue(blank, Blank(SpecKeys.ValueType(required)));
        return blank;
    }

    private static string Expected(Type type) => type switch
    {
        { IsEnum: true } => $"one of {string.Join(", ", Enum.GetNames(type).Select(SpecKeys.Name))}",
        _ when type == typeof(int) => "a whole number",
        _ when type == typeof(double) => "a number",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(string) => "a text",
        _ when SpecKeys.ElementType(type) is not null => "a list",
        _ => "a mapping",
    };
}
