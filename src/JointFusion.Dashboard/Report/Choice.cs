using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>One thing a reader can choose, such as the pool; the first option is the one shown first.</summary>
public sealed record Choice(string Name, ImmutableArray<string> Options)
{
    /// <summary>All combinations of options, as indices, in the order of the choices.</summary>
    public static IEnumerable<ImmutableArray<int>> Combinations(IReadOnlyList<Choice> choices) =>
        choices.Aggregate<Choice, IEnumerable<ImmutableArray<int>>>(
            [[]], (made, choice) => made.SelectMany(indices => Enumerable.Range(0, choice.Options.Length).Select(indices.Add)));
}
