namespace JointFusion.Data;

/// <summary>The recipe of the icons set.</summary>
internal static class IconSet
{
    private const int MarksThatKeepABase = 2;

    private static readonly DrawnSetIdentity Identity = new(
        IconsDataSet.Name,
        IconsDataSet.DataSetId,
        IconPhrases.Instructions,
        "A concept is an icon's name; all its pictures and texts are held out together. A query is as held out as the most held out of its icons.",
        "No two pictures have equal pixels. The query's own picture is in the pools, except for task 4.",
        "concept: the icon asked for; for which-mark and which-base the icon asked about; for any-mark the icon without a mark.");

    public static DrawnSet Create(IReadOnlyList<IconDrawing> drawings, IProgress<DataProgress>? progress, CancellationToken cancellation)
    {
        var concepts = IconCatalog.Build(drawings, progress, cancellation);
        var pairs = IconPair.Find(concepts);
        var kept = pairs.CountBy(pair => pair.Base.Name).Where(marks => marks.Value >= MarksThatKeepABase).Select(marks => marks.Key).ToHashSet(StringComparer.Ordinal);
        var splits = ConceptSplits.Assign(concepts, kept, pairs.Select(pair => pair.Full.Name).ToHashSet(StringComparer.Ordinal), IconPhrases.All);
        var candidates = new IconCandidates(concepts);
        var styles = new StyleQueries(candidates, splits);
        var marks = new MarkQueries(candidates, splits, pairs);
        return DrawnSet.Create(Identity, concepts, candidates.All, candidates.Pool, concepts.SelectMany(styles.Of).Concat(marks.All()), splits);
    }
}
