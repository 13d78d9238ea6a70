using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>The trained retrievers of a server, and the items that they find.</summary>
public interface IRetrievers
{
    /// <summary>Asks in a process of its own; the first question about a checkpoint embeds its candidates, which takes from seconds to minutes.</summary>
    /// <param name="query">Of a known run, without <see cref="PlaygroundQuery.Fault"/>.</param>
    /// <param name="progress">Whole phrases. Called from any thread.</param>
    /// <exception cref="ApiException">Why there is no answer.</exception>
    Task<PlaygroundAnswer> AskAsync(PlaygroundQuery query, Action<string> progress, CancellationToken cancel);

    /// <summary>Tasks of M-BEIR that have candidates in the data set that a known run was planned over.</summary>
    /// <exception cref="ApiException">It is gone.</exception>
    ImmutableArray<int> TasksOf(string experiment, string run);

    /// <summary>The items of the data set that a known run was planned over.</summary>
    /// <exception cref="ApiException">They are gone.</exception>
    IItemCatalog ItemsOf(string experiment, string run);
}
