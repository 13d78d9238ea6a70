using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>Whether a swept key applies at a point: <c>when</c>.</summary>
internal static class SweepConditions
{
    /// <summary>Each of the other keys has one of the values, and applies itself.</summary>
    /// <param name="all">Values of all swept keys at the point.</param>
    public static bool Holds(SweepCondition condition, ImmutableArray<SweptValue> all, ImmutableArray<SweepCondition> conditions, ExperimentSpec spec) =>
        condition.Where.All(other =>
            all.FirstOrDefault(value => value.KeyPath == other.KeyPath) is { } value
            && other.Values.Any(wanted => Means(other.KeyPath, wanted, value.Text, spec))
            && conditions.Where(of => of.KeyPath == other.KeyPath).All(of => Holds(of, all, conditions, spec)));

    /// <summary>Whether two texts are one value of a key: <c>0.001</c> is <c>1.0e-3</c>.</summary>
    public static bool Means(string keyPath, string one, string other, ExperimentSpec spec) =>
        SweepableKeys.TypeOf(keyPath, spec, out _) is { } type && ScalarReader.Read(one, type, out _) is { } value && value.Equals(ScalarReader.Read(other, type, out _));

    /// <summary>Completes "it applies only with ...".</summary>
    public static string Describe(SweepCondition condition) =>
        string.Join(" and ", condition.Where.Select(other => $"{other.KeyPath} {string.Join(" or ", other.Values)}"));
}
