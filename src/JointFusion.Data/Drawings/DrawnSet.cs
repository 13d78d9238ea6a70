using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>A whole set in memory, before it is written.</summary>
internal sealed record DrawnSet(
    DrawnSetIdentity Identity,
    ImmutableArray<DrawnConcept> Concepts,
    ImmutableArray<DrawnCandidate> Candidates,
    ImmutableArray<DrawnPool> Pools,
    ImmutableArray<DrawnQuery> Queries,
    ConceptSplits Splits)
{
    /// <summary>Queries of one split, task and operation that are kept for evaluation; training ones are all kept.</summary>
    public const int EvaluationCap = 500;

    /// <param name="candidates">May grow while queries are made.</param>
    /// <param name="pool">A task's own candidates.</param>
    /// <param name="queries">Equal ones are merged, and those of evaluation splits capped.</param>
    public static DrawnSet Create(
        DrawnSetIdentity identity,
        IEnumerable<DrawnConcept> concepts,
        IReadOnlyList<DrawnCandidate> candidates,
        Func<MbeirTask, ImmutableArray<int>> pool,
        IEnumerable<DrawnQuery> queries,
        ConceptSplits splits)
    {
        // First: to ask a question adds its answer to the candidates.
        var asked = Cap(DrawnQuery.Merge(queries));
        var pools = identity.Instructions.Keys.Select(id => MbeirTask.Find(id)!).Select(task => new DrawnPool(task, pool(task)));
        return new DrawnSet(identity, [.. concepts], [.. candidates], [.. pools], asked, splits);
    }

    private static ImmutableArray<DrawnQuery> Cap(IEnumerable<DrawnQuery> queries) =>
    [
        .. queries
            .GroupBy(query => (query.Split, query.Task, query.Operation))
            .SelectMany(group => group.Key.Split == ConceptSplit.Train ? group : group.Take(EvaluationCap))
            .OrderBy(query => query.Order),
    ];
}

/// <param name="Members">Indices into the candidates.</param>
internal sealed record DrawnPool(MbeirTask Task, ImmutableArray<int> Members);
