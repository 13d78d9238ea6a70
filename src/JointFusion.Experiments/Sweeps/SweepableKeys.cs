using System.Text.RegularExpressions;

namespace JointFusion.Experiments;

/// <summary>The keys that a sweep may vary: every number, flag and choice of a spec. Texts name and place things; they are not varied.</summary>
internal static partial class SweepableKeys
{
    private static readonly Dictionary<string, Type> Types = SpecKeys.Scalars(typeof(ExperimentSpec))
        .Where(key => key.Type != typeof(string))
        .ToDictionary(key => key.Path, key => key.Type);

    public static IEnumerable<string> All => SpecKeys.Scalars(typeof(ExperimentSpec)).Select(key => key.Path).Where(Types.ContainsKey);

    /// <summary>The type of a key's values; null with a fault if there is no such key, or the spec has no such stage.</summary>
    public static Type? TypeOf(string keyPath, ExperimentSpec spec, out string? fault)
    {
        fault = null;
        if (!Types.TryGetValue(Index().Replace(keyPath, "[0]"), out var type))
            fault = $"unknown key path, or one that a sweep cannot vary; {Spelling.Allowed(keyPath, [.. All])}";
        else if (Index().Match(keyPath) is { Success: true } index && int.Parse(index.Groups["index"].Value) >= spec.Stages.Length)
            fault = $"there is no such stage; the spec has {spec.Stages.Length}, the first is stages[0]";
        else if (SpecKeys.MissingParent(spec, keyPath) is { } parent)
            fault = $"the spec has no {parent}, whose other keys it would need; write it where it belongs";
        return fault is null ? type : null;
    }

    [GeneratedRegex(@"\[(?<index>0|[1-9]\d{0,3})\]")]
    private static partial Regex Index();
}
