using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>What the manifest tells about the set: how it was split, and how much of it there is.</summary>
internal static class DrawnSetNotes
{
    public static ImmutableArray<string> Of(DrawnSet set) =>
    [
        set.Identity.ConceptNote,
        "unseen: names with a word of held_out_words; these occur nowhere in training, in any position of a query, a candidate or an instruction.",
        "test, val: new combinations of words that each occur in at least two training names.",
        set.Identity.PictureNote,
        $"val, test and unseen keep the first {DrawnSet.EvaluationCap} queries, by hash, of each task and operation; train keeps all.",
        "target_seen: every positive of the query is a positive of some training query.",
        set.Identity.ClusterNote,
        "query/unseen and qrels/unseen are an extension of M-BEIR's layout: a second test split.",
        .. set.Concepts
            .GroupBy(concept => set.Splits.Of(concept))
            .OrderBy(group => group.Key)
            .Select(group => $"{group.Key.ToString().ToLowerInvariant()}: {group.Count()} concepts"),
        .. set.Queries
            .GroupBy(query => (query.Split, query.Task, query.Operation))
            .OrderBy(group => group.Key.Split).ThenBy(group => group.Key.Task).ThenBy(group => group.Key.Operation, StringComparer.Ordinal)
            .Select(group => $"{group.Key.Split.ToString().ToLowerInvariant()} task {group.Key.Task} {group.Key.Operation}: {group.Count()} queries"),
    ];
}
