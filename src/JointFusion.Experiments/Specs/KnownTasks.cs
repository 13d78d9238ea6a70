namespace JointFusion.Experiments;

/// <summary>M-BEIR's task ids: the one list of what a spec may name. 5 (image to image and text) is not among them.</summary>
public static class KnownTasks
{
    /// <summary>Id to its meaning: t text, i image, query -> candidate.</summary>
    public static IReadOnlyDictionary<int, string> All { get; } = new Dictionary<int, string>
    {
        [0] = "t->i",
        [1] = "t->t",
        [2] = "t->it",
        [3] = "i->t",
        [4] = "i->i",
        [6] = "it->t",
        [7] = "it->i",
        [8] = "it->it",
    };

    public static string Allowed { get; } = List();

    /// <remarks>A loop, since each verb comes by here: a query over numbers would be compiled first.</remarks>
    private static string List()
    {
        var tasks = new List<string>();
        foreach (var id in All.Keys)
            tasks.Add($"{id} ({All[id]})");
        return string.Join(", ", tasks);
    }
}
