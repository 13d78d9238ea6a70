using System.Collections.Immutable;
using JointFusion.Dashboard;

namespace JointFusion.Tests;

/// <summary>Remembers what it was asked, and finds the same three candidates for anything.</summary>
internal sealed class FakeRetrievers : IRetrievers
{
    private readonly List<PlaygroundQuery> asked = [];

    public IReadOnlyList<PlaygroundQuery> Asked => asked;

    /// <summary>Thrown by whatever is asked next; null: nothing.</summary>
    public ApiException? Refusal { get; set; }

    public Task<PlaygroundAnswer> AskAsync(PlaygroundQuery query, Action<string> progress, CancellationToken cancel)
    {
        if (Refusal is not null)
            throw Refusal;
        asked.Add(query);
        return Task.FromResult(new PlaygroundAnswer(query.Run, query.Step ?? 40, null, "global", 50, [new(1, "did:1", 0.9, null, true), new(2, "did:2", 0.5, "words", true), new(3, "did:3", 0.1, "words alone", false)]));
    }

    /// <summary>Of the data set behind any run.</summary>
    public ImmutableArray<int> Tasks { get; set; } = [0, 3, 7];

    public ImmutableArray<int> TasksOf(string experiment, string run) => Refusal is null ? Tasks : throw Refusal;

    public IItemCatalog ItemsOf(string experiment, string run) => new FixtureCatalog();
}
