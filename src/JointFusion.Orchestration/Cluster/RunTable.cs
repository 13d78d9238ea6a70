using System.Collections;
using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>All runs in submission order, with those at hand that a decision looks at: thousands of ended or waiting ones cost it nothing. Immutable.</summary>
public sealed class RunTable : IReadOnlyList<RunRecord>
{
    private readonly ImmutableArray<RunRecord> runs;
    private readonly ImmutableDictionary<string, int> indices;
    private readonly ImmutableSortedDictionary<QueueKey, ImmutableSortedSet<int>> queues;
    private readonly ImmutableDictionary<QueueKey, DateTimeOffset> served;
    private readonly ImmutableSortedSet<int> retrying, placed, keeping;
    private readonly ImmutableDictionary<string, ImmutableSortedSet<int>> byNode;

    private RunTable(
        ImmutableArray<RunRecord> runs, ImmutableDictionary<string, int> indices, ImmutableSortedDictionary<QueueKey, ImmutableSortedSet<int>> queues,
        ImmutableDictionary<QueueKey, DateTimeOffset> served, ImmutableSortedSet<int> retrying, ImmutableSortedSet<int> placed, ImmutableSortedSet<int> keeping,
        ImmutableDictionary<string, ImmutableSortedSet<int>> byNode) =>
        (this.runs, this.indices, this.queues, this.served, this.retrying, this.placed, this.keeping, this.byNode) = (runs, indices, queues, served, retrying, placed, keeping, byNode);

    public static RunTable Empty { get; } = new(
        [], ImmutableDictionary.Create<string, int>(StringComparer.Ordinal), ImmutableSortedDictionary<QueueKey, ImmutableSortedSet<int>>.Empty,
        ImmutableDictionary<QueueKey, DateTimeOffset>.Empty, [], [], [], ImmutableDictionary.Create<string, ImmutableSortedSet<int>>(StringComparer.Ordinal));

    public int Count => runs.Length;

    /// <summary>Those that <see cref="RunRecord.IsWaiting"/>: by priority, the highest first, then by user, then in submission order.</summary>
    public IEnumerable<RunRecord> Waiting => queues.Values.SelectMany(queue => queue).Select(index => runs[index]);

    public bool HasWaiting => !queues.IsEmpty;

    /// <summary>Those that wait and had to wait after a failure first, whether or not that is over.</summary>
    public IEnumerable<RunRecord> Retrying => retrying.Select(index => runs[index]);

    /// <summary>Those with an attempt, in submission order.</summary>
    public IEnumerable<RunRecord> Placed => placed.Select(index => runs[index]);

    public bool HasPlaced => !placed.IsEmpty;

    /// <summary>Those whose <see cref="RunRecord.Keeping"/> is some slots, in submission order.</summary>
    public IEnumerable<RunRecord> Keeping => keeping.Select(index => runs[index]);

    /// <summary>Those whose attempt has a rank on the node, in submission order.</summary>
    public IEnumerable<RunRecord> PlacedOn(string node) => byNode.TryGetValue(node, out var there) ? there.Select(index => runs[index]) : [];

    public RunRecord this[int index] => runs[index];

    public RunRecord? Find(string name) => indices.TryGetValue(name, out var index) ? runs[index] : null;

    /// <summary>A run of a new name becomes the last one, that of a known name takes its place.</summary>
    public RunTable With(RunRecord run)
    {
        var isKnown = indices.TryGetValue(run.Name, out var index);
        if (!isKnown)
            index = runs.Length;
        var before = isKnown ? runs[index] : null;
        var isSamePlace = before?.Attempt is null == run.Attempt is null;
        return new RunTable(
            isKnown ? runs.SetItem(index, run) : runs.Add(run),
            isKnown ? indices : indices.Add(run.Name, index),
            Queued(index, before is null ? null : QueueOf(before), QueueOf(run)),
            isSamePlace || run.Attempt is null ? served : served.SetItem(KeyOf(run), run.Attempt.StartedAt),
            run is { IsWaiting: true, RetryAt: not null } ? retrying.Add(index) : retrying.Remove(index),
            isSamePlace ? placed : run.Attempt is null ? placed.Remove(index) : placed.Add(index),
            run.Keeping is null ? keeping.Remove(index) : keeping.Add(index),
            isSamePlace ? byNode : run.Attempt is null ? Left(index, before!.Attempt!) : Entered(index, run.Attempt));
    }

    /// <summary>The how-manieth submitted it is, from 0.</summary>
    internal int IndexOf(string name) => indices[name];

    /// <summary>What waits at each priority, the highest first, by user.</summary>
    internal IEnumerable<IGrouping<int, UserQueue>> Queues => queues.GroupBy(
        queue => queue.Key.Priority,
        queue => new UserQueue(queue.Key.User, served.TryGetValue(queue.Key, out var at) ? at : null, queue.Value.Select(index => (index, runs[index]))));

    public IEnumerator<RunRecord> GetEnumerator() => runs.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static QueueKey? QueueOf(RunRecord run) => run.IsWaiting ? KeyOf(run) : null;

    private static QueueKey KeyOf(RunRecord run) => new(run.Order.Priority, run.Order.User ?? "");

    private ImmutableDictionary<string, ImmutableSortedSet<int>> Entered(int index, Attempt attempt) => attempt.Ranks.Select(rank => rank.Slot.Node).Distinct()
        .Aggregate(byNode, (nodes, node) => nodes.SetItem(node, (nodes.GetValueOrDefault(node) ?? []).Add(index)));

    private ImmutableDictionary<string, ImmutableSortedSet<int>> Left(int index, Attempt attempt) => attempt.Ranks.Select(rank => rank.Slot.Node).Distinct()
        .Aggregate(byNode, (nodes, node) => nodes[node].Remove(index) is { IsEmpty: false } rest ? nodes.SetItem(node, rest) : nodes.Remove(node));

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
