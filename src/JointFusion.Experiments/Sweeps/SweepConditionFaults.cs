using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>What is wrong with a sweep's <c>when</c>: it speaks of swept keys alone, of values that they take, and never in a circle.</summary>
internal static class SweepConditionFaults
{
    private const string When = "sweep.when";

    public static IEnumerable<SpecFault> Of(ExperimentSpec spec, SpecBinder binder)
    {
        var keys = SweptKeyFaults.Keys(spec.Sweep!).DistinctBy(key => key.KeyPath).ToDictionary(key => key.KeyPath);
        foreach (var condition in spec.Sweep!.When)
        {
            var path = $"{When}.{condition.KeyPath}";
            if (!keys.ContainsKey(condition.KeyPath))
                yield return Fault(binder, path, $"the sweep does not vary this key, so that there is nothing to leave out; {Spelling.Allowed(condition.KeyPath, keys.Keys)}");
            else if (IsCircular(condition.KeyPath, condition.KeyPath, spec.Sweep.When, []))
                yield return Fault(binder, path, "whether it applies depends on itself; break the circle");
            foreach (var fault in condition.Where.SelectMany(other => Values(other, $"{path}.{other.KeyPath}", keys, spec, binder)))
                yield return fault;
        }
    }

    private static IEnumerable<SpecFault> Values(SweepAxis other, string path, Dictionary<string, SweptKeyFaults.Key> keys, ExperimentSpec spec, SpecBinder binder)
    {
        if (!keys.TryGetValue(other.KeyPath, out var key))
        {
            yield return Fault(binder, path, $"the sweep does not vary this key, so that the condition is the same at all points; {Spelling.Allowed(other.KeyPath, keys.Keys)}");
            yield break;
        }

        if (!key.IsDiscrete)
        {
            yield return Fault(binder, path, $"{key.Path} draws numbers between bounds, of which none is worth naming; give it a choice, or another key");
            yield break;
        }

        for (var i = 0; i < other.Values.Length; i++)
            if (!binder.IsFaulty($"{path}[{i}]") && !key.Values.Any(value => SweepConditions.Means(other.KeyPath, value, other.Values[i], spec)))
                yield return binder.FaultAt($"{path}[{i}]", path, $"'{other.Values[i]}' is not one of its values in the sweep; {Spelling.Allowed(other.Values[i], key.Values)}");
    }

    private static bool IsCircular(string start, string keyPath, ImmutableArray<SweepCondition> conditions, ImmutableHashSet<string> seen) => conditions
        .Where(condition => condition.KeyPath == keyPath)
        .SelectMany(condition => condition.Where)
        .Any(other => other.KeyPath == start || (!seen.Contains(other.KeyPath) && IsCircular(start, other.KeyPath, conditions, seen.Add(other.KeyPath))));

    private static SpecFault Fault(SpecBinder binder, string path, string message) => binder.FaultAt(path, path, message);
}
