using System.Collections;
using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>All runs in submission order, with those at hand that a decision looks at: thousands of ended or waiting ones cost it nothing. Immutable.</summary>
public sealed class RunTable : IReadOnlyList<RunRecord>
{
    private readonly ImmutableArray<RunRecord> runs;
    private readonly ImmutableDictionary<string, int> indices;
    private readonly ImmutableSortedSet<int> waiting, placed;

    private RunTable(
        ImmutableArray<RunRecord> runs, ImmutableDictionary<string, int> indices, ImmutableSortedSet<int> waiting, ImmutableSortedSet<int> placed) =>
        (this.runs, this.indices, this.waiting, this.placed) = (runs, indices, waiting, placed);

    public static RunTable Empty { get; } = new([], ImmutableDictionary.Create<string, int>(StringComparer.Ordinal), [], []);

    public int Count => runs.Length;

    /// <summary>Those that <see cref="RunRecord.IsWaiting"/>, in submission order.</summary>
    public IEnumerable<RunRecord> Waiting => waiting.Select(index => runs[index]);

    /// <summary>Those with an attempt, in submission order.</summary>
    public IEnumerable<RunRecord> Placed => placed.Select(index => runs[index]);

    public RunRecord this[int index] => runs[index];

    public RunRecord? Find(string name) => indices.TryGetValue(name, out var index) ? runs[index] : null;

    /// <summary>A run of a new name becomes the last one, that of a known name takes its place.</summary>
    public RunTable With(RunRecord run)
    {
        var isKnown = indices.TryGetValue(run.Name, out var index);
        if (!isKnown)
            index = runs.Length;
        return new RunTable(
            isKnown ? runs.SetItem(index, run) : runs.Add(run),
            isKnown ? indices : indices.Add(run.Name, index),
            run.IsWaiting ? waiting.Add(index) : waiting.Remove(index),
            run.Attempt is not null ? placed.Add(index) : placed.Remove(index));
    }

    public IEnumerator<RunRecord> GetEnumerator() => runs.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
