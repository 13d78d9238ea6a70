using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>What may be written at a caret.</summary>
/// <param name="Prefix">Characters before the caret that it takes the place of.</param>
public sealed record SpecSuggestions(int Prefix, ImmutableArray<SpecSuggestion> Items)
{
    public static SpecSuggestions None { get; } = new(0, []);
}

/// <param name="Label">The key or value.</param>
/// <param name="Insert">With what follows it, such as a colon.</param>
/// <param name="Detail">What the schema says of it; may be empty.</param>
public sealed record SpecSuggestion(string Label, string Insert, string Detail);
