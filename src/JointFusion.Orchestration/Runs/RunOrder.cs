using System.Collections.Immutable;
using System.Text.Json.Serialization;
using JointFusion.Experiments;

namespace JointFusion.Orchestration;

/// <summary>A run as it is submitted.</summary>
/// <remarks>What was added after the first journals is left out of the JSON at its default.</remarks>
/// <param name="Run">Unique name.</param>
/// <param name="RunFolder">Absolute; holds plan.json.</param>
/// <param name="Workers">Slots it needs, all at once, or, if it is elastic, the most that it takes.</param>
/// <param name="StartsAt">Step of the checkpoint in its folder that it begins at; null: it begins from nothing.</param>
/// <param name="Priority">Higher ones go first, and make running ones of a lower one yield.</param>
/// <param name="User">Whose it is: users of one priority share the slots fairly; null: nobody's in particular.</param>
/// <param name="Labels">Only nodes that carry all of them get its ranks; null: any.</param>
/// <param name="MemoryBytes">That the plan estimates for each worker, said where one has too little; null: not known.</param>
/// <param name="Sweep">Name of the one that it is part of: see <see cref="SweepOrder"/>; null: none.</param>
/// <param name="Shared">Ends of stages that others of its sweep come to in the same state; null: none.</param>
/// <param name="Rungs">Steps at which it is measured against the others of its sweep, ascending; null: none.</param>
/// <param name="MinWorkers">Fewest slots that it starts with; null: it is not elastic.</param>
public sealed record RunOrder(
    string Run,
    string RunFolder,
    int Workers,
    int? StartsAt = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Priority = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? User = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] ImmutableSortedDictionary<string, string>? Labels = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long? MemoryBytes = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? Sweep = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] ImmutableArray<int>? Rungs = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] ImmutableArray<SharedStage>? Shared = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int? MinWorkers = null)
{
    /// <summary>Slots that an attempt has at least.</summary>
    [JsonIgnore]
    public int Fewest => MinWorkers ?? Workers;

    /// <summary>By value, labels and rungs too: the same order submitted again changes nothing.</summary>
    public bool Equals(RunOrder? other) =>
        other is not null
        && (Run, RunFolder, Workers, StartsAt, Priority, User, MemoryBytes, Sweep, MinWorkers)
            == (other.Run, other.RunFolder, other.Workers, other.StartsAt, other.Priority, other.User, other.MemoryBytes, other.Sweep, other.MinWorkers)
        && (Labels ?? None).SequenceEqual(other.Labels ?? None)
        && (Rungs ?? []).SequenceEqual(other.Rungs ?? [])
        && (Shared ?? []).SequenceEqual(other.Shared ?? []);

    public override int GetHashCode() => HashCode.Combine(Run, RunFolder, Workers);

    private static ImmutableSortedDictionary<string, string> None => ImmutableSortedDictionary<string, string>.Empty;
}
