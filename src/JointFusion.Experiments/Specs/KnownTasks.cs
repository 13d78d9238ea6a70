using System.Collections.Frozen;

namespace JointFusion.Experiments;

/// <summary>M-BEIR's task ids: the one list of what a spec may name. 5 (image to image and text) is not among them.</summary>
public static class KnownTasks
{
    /// <summary>Id to its meaning: t text, i image, query -> candidate.</summary>
    public static FrozenDictionary<int, string> All { get; } = new Dictionary<int, string>
    {
        [0] = "t->i",
        [1] = "t->t",
        [2] = "t->it",
        [3] = "i->t",
        [4] = "i->i",
        [6] = "it->t",
        [7] = "it->i",
        [8] = "it->it",
    }.ToFrozenDictionary();

    public static string Allowed { get; } = string.Join(", ", All.Keys.Order().Select(id => $"{id} ({All[id]})"));
}
