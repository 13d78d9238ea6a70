using System.Collections;
using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>All runs in submission order, with those at hand that a decision looks at: thousands of ended or waiting ones cost it nothing. Immutable.</summary>
public sealed class RunTable : IReadOnlyList<RunRecord>
{
    private readonly ImmutableArray<RunRecord> runs;
    private readonly ImmutableDictionary<string, int> indices;
    private readonly ImmutableSortedDictionary<QueueKey, ImmutableSortedSet<int>> queues;
    private readonly ImmutableSortedSet<int> placed;

    private RunTable(
        ImmutableArray<RunRecord> runs, ImmutableDictionary<string, int> indices,
        ImmutableSortedDictionary<QueueKey, ImmutableSortedSet<int>> queues, ImmutableSortedSet<int> placed) =>
        (this.runs, this.indices, this.queues, this.placed) = (runs, indices, queues, placed);

    public static RunTable Empty { get; } =
        new([], ImmutableDictionary.Create<string, int>(StringComparer.Ordinal), ImmutableSortedDictionary<QueueKey, ImmutableSortedSet<int>>.Empty, []);

    public int Count => runs.Length;

    /// <summary>Those that <see cref="RunRecord.IsWaiting"/>: by priority, the highest first, then by user, then in submission order.</summary>
    public IEnumerable<RunRecord> Waiting => queues.Values.SelectMany(queue => queue).Select(index => runs[index]);

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
            Queued(index, isKnown ? QueueOf(runs[index]) : null, QueueOf(run)),
            run.Attempt is not null ? placed.Add(index) : placed.Remove(index));
    }

    /// <summary>What waits at each priority, the highest first: each user's runs in submission order, with their places in it.</summary>
    internal IEnumerable<(int Priority, ImmutableArray<(string User, IEnumerable<(int Index, RunRecord Run)> Runs)> Users)> Levels =>
        from queue in queues
        group queue by queue.Key.Priority into level
        select (level.Key, level.Select(queue => (queue.Key.User, queue.Value.Select(index => (index, runs[index])))).ToImmutableArray());

    public IEnumerator<RunRecord> GetEnumerator() => runs.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static QueueKey? QueueOf(RunRecord run) => run.IsWaiting ? new QueueKey(run.Order.Priority, run.Order.User ?? "") : null;

    private ImmutableSortedDictionary<QueueKey, ImmutableSortedSet<int>> Queued(int index, QueueKey? before, QueueKey? now)
    {
        if (before == now)
            return queues;
        var changed = queues;
        if (before is { } left)
        {
            var rest = changed[left].Remove(index);
            changed = rest.IsEmpty ? changed.Remove(left) : changed.SetItem(left, rest);
        }
        return now is { } entered ? changed.SetItem(entered, (changed.GetValueOrDefault(entered) ?? []).Add(index)) : changed;
    }

    private readonly record struct QueueKey(int Priority, string User) : IComparable<QueueKey>
    {
        public int CompareTo(QueueKey other) =>
            Priority != other.Priority ? other.Priority.CompareTo(Priority) : string.CompareOrdinal(User, other.User);
    }
}
