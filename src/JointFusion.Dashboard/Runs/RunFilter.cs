using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>Which runs are listed, in which order; all of it in the page's address, so that a link, a reload or a restart of the server shows the same.</summary>
/// <param name="Text">Words of which each is in the run's name, its user's or its reason.</param>
/// <param name="Experiment">Empty: any.</param>
/// <param name="Page">From 1.</param>
public sealed record RunFilter(string Text = "", RunGroup Group = RunGroup.All, string Experiment = "", RunOrdering Order = RunOrdering.State, int Page = 1)
{
    public const int RunsOfPage = 50;

    /// <summary>From the address's query; what is not understood is left at its default.</summary>
    public static RunFilter Of(string? text, string? group, string? experiment, string? order, int? page) => new(
        text ?? "", Named(group, RunGroup.All), experiment ?? "", Named(order, RunOrdering.State), Math.Max(1, page ?? 1));

    /// <summary>For the address; what is at its default is left out.</summary>
    public IReadOnlyDictionary<string, object?> Query => new Dictionary<string, object?>
    {
        ["q"] = Text.Length == 0 ? null : Text,
        ["state"] = Group == RunGroup.All ? null : Marks.Name(Group),
        ["experiment"] = Experiment.Length == 0 ? null : Experiment,
        ["sort"] = Order == RunOrdering.State ? null : Marks.Name(Order),
        ["page"] = Page == 1 ? null : Page,
    };

    /// <param name="runs">In submission order.</param>
    public RunSelection Select(ImmutableArray<RunStatus> runs)
    {
        var words = Text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        ImmutableArray<RunStatus> asked = [.. runs.Where(run => (Experiment.Length == 0 || ExperimentOf(run.Name) == Experiment) && words.All(word => IsIn(run, word)))];
        var counts = Enum.GetValues<RunGroup>().ToImmutableDictionary(group => group, group => asked.Count(run => group.Has(run.State)));
        ImmutableArray<RunStatus> chosen = [.. Sorted(asked.Where(run => Group.Has(run.State)))];
        var pages = Math.Max(1, (chosen.Length + RunsOfPage - 1) / RunsOfPage);
        var page = Math.Min(Page, pages);
        return new RunSelection(counts, chosen, [.. chosen.Skip((page - 1) * RunsOfPage).Take(RunsOfPage)], page, pages);
    }

    /// <summary>Of EXPERIMENT/RUN; empty where all runs are of one experiment.</summary>
    public static string ExperimentOf(string run) => run.IndexOf('/', StringComparison.Ordinal) is > 0 and var end ? run[..end] : "";

    private static bool IsIn(RunStatus run, string word) =>
        run.Name.Contains(word, StringComparison.OrdinalIgnoreCase) || run.User?.Contains(word, StringComparison.OrdinalIgnoreCase) == true
        || run.Reason?.Contains(word, StringComparison.OrdinalIgnoreCase) == true;

    private IEnumerable<RunStatus> Sorted(IEnumerable<RunStatus> runs) => Order switch
    {
        RunOrdering.Name => runs.OrderBy(run => run.Name, StringComparer.Ordinal),
        RunOrdering.Newest => runs.Reverse(),
        RunOrdering.Loss => runs.OrderBy(run => run.Loss ?? double.PositiveInfinity),
        RunOrdering.Progress => runs.OrderByDescending(run => run.Share),
        _ => runs.OrderBy(run => RunGroups.Of(run.State)),
    };

    private static T Named<T>(string? name, T otherwise) where T : struct, Enum =>
        Enum.TryParse<T>(name, ignoreCase: true, out var value) && Enum.IsDefined(value) ? value : otherwise;
}

/// <param name="Counts">Of each group, whichever is chosen.</param>
/// <param name="Chosen">On all pages.</param>
/// <param name="Page">From 1.</param>
public sealed record RunSelection(
    ImmutableDictionary<RunGroup, int> Counts, ImmutableArray<RunStatus> Chosen, ImmutableArray<RunStatus> OnPage, int Page, int Pages);
