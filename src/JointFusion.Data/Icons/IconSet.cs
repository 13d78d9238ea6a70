using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>The whole set in memory, before it is written.</summary>
internal sealed record IconSet(
    ImmutableArray<IconConcept> Concepts, ImmutableArray<IconCandidate> Candidates, ImmutableArray<IconPool> Pools, ImmutableArray<IconQuery> Queries, IconSplits Splits)
{
    /// <summary>Queries of one split, task and operation that are kept for evaluation; training ones are all kept.</summary>
    public const int EvaluationCap = 500;

    public static IconSet Create(IReadOnlyList<IconDrawing> drawings, IProgress<DataProgress>? progress, CancellationToken cancellation)
    {
        var concepts = IconCatalog.Build(drawings, progress, cancellation);
        var pairs = IconPair.Find(concepts);
        var splits = IconSplits.Assign(concepts, pairs, IconPhrases.All);
        var candidates = new IconCandidates(concepts);
        var styles = new StyleQueries(candidates, splits);
        var marks = new MarkQueries(candidates, splits, pairs);
        var queries = Cap(IconQuery.Merge(concepts.SelectMany(styles.Of).Concat(marks.All())));
        var pools = IconPhrases.Instructions.Keys.Select(id => new IconPool(MbeirTask.Find(id)!, candidates.Pool(MbeirTask.Find(id)!)));
        return new IconSet(concepts, [.. candidates.All], [.. pools], queries, splits);
    }

    private static ImmutableArray<IconQuery> Cap(IEnumerable<IconQuery> queries) =>
    [
        .. queries
            .GroupBy(query => (query.Split, query.Task, query.Operation))
            .SelectMany(group => group.Key.Split == IconSplit.Train ? group : group.Take(EvaluationCap))
            .OrderBy(query => query.Order),
    ];
}

/// <param name="Members">Indices into the candidates.</param>
internal sealed record IconPool(MbeirTask Task, ImmutableArray<int> Members);
