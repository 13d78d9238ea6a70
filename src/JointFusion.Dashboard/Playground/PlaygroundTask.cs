using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>What a playground may be asked to look for.</summary>
/// <param name="Id">Of M-BEIR.</param>
/// <param name="Kind">Of candidates, in words; no two tasks of one kind of question have the same.</param>
internal sealed record PlaygroundTask(int Id, string Kind)
{
    private const string Texts = "texts", Pictures = "pictures", Both = "pictures with texts";

    /// <summary>Those that lead from what is given to candidates that there are.</summary>
    /// <param name="sets">Tasks of the data set behind each retriever that is asked.</param>
    public static ImmutableArray<PlaygroundTask> For(bool hasPicture, bool hasWords, IEnumerable<ImmutableArray<int>> sets) =>
        [.. For(hasPicture, hasWords).Where(task => sets.All(tasks => tasks.Contains(task.Id)))];

    private static ImmutableArray<PlaygroundTask> For(bool hasPicture, bool hasWords) => (hasPicture, hasWords) switch
    {
        (true, true) => [new(6, Texts), new(7, Pictures), new(8, Both)],
        (true, false) => [new(3, Texts), new(4, Pictures)],
        _ => [new(0, Pictures), new(1, Texts), new(2, Both)],
    };
}
