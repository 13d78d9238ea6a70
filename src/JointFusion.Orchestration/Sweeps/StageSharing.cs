using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Orchestration;

/// <summary>Who trains a stage that several runs have in common, who waits for it, and who begins where it ended. Pure, as of one moment.</summary>
/// <remarks>
/// Of the runs of one stage the first that has begun trains it, else the first that waits for slots; those without a checkpoint wait for it. A
/// run that is paused, held at a rung, or has ended trains nothing: the next one does. What is begun waits for nobody, so that none waits in a circle.
/// Each has a copy of the stage's end in its own folder. One of them is begun at, and stays as long as its run trains, since runs may be added; the others are let go.
/// </remarks>
internal sealed class StageSharing(RunTable runs, SweepTable sweeps)
{
    private readonly Dictionary<string, Stage> stages = new(StringComparer.Ordinal);

    /// <summary>The run that trains a stage of this one now; null: there is nothing to wait for.</summary>
    public string? WaitsFor(RunRecord run)
    {
        if (!IsFresh(run) || run.Generation > 0)
            return null;
        foreach (var shared in DeepestFirst(run))
        {
            var stage = Find(shared);
            if (stage.Donor is not null)
                return null;
            if (stage.Trainer is { } trainer && trainer != run.Name)
                return trainer;
        }
        return null;
    }

    /// <summary>Where a run without a checkpoint can begin; null: at its seed.</summary>
    public SharedStart? StartOf(RunRecord run)
    {
        if (!IsFresh(run))
            return null;
        foreach (var shared in DeepestFirst(run))
            if (Find(shared).Donor is { } donor && donor != run.Name)
                return new SharedStart(donor, runs.Find(donor)!.Order.RunFolder, shared.Step);
        return null;
    }

    /// <summary>Ends of common stages that the run has behind it and at which no other will begin: a run submitted before it has a copy, from which they all begin.</summary>
    /// <returns>Steps; null: none.</returns>
    public ImmutableArray<int>? LetGo(RunRecord run)
    {
        ImmutableArray<int> steps = [.. (run.Order.Shared ?? []).Where(shared => run.Checkpoint >= shared.Step && IsLetGo(run, shared)).Select(shared => shared.Step)];
        return steps.IsEmpty ? null : steps;
    }

    private bool IsLetGo(RunRecord run, SharedStage shared) => Find(shared).Donor is { } donor && donor != run.Name && !runs.Placed.Any(other => IsAboutToBeginAt(run, shared, other));

    private static bool IsAboutToBeginAt(RunRecord run, SharedStage shared, RunRecord other) =>
        other is { Checkpoint: null, Attempt.Start: { } start } && start.Run == run.Name && start.Step == shared.Step;

    private static bool IsFresh(RunRecord run) => run is { Checkpoint: null, Order.Shared: not null };

    private static IEnumerable<SharedStage> DeepestFirst(RunRecord run) => run.Order.Shared!.Value.Reverse();

    private Stage Find(SharedStage shared)
    {
        if (!stages.TryGetValue(shared.Key, out var known))
            stages.Add(shared.Key, known = Look(shared));
        return known;
    }

    private Stage Look(SharedStage shared)
    {
        string? begun = null, waiting = null;
        foreach (var run in sweeps.SharersOf(shared.Key).Select(name => runs.Find(name)!))
        {
            if (run.Checkpoint >= shared.Step)
                return new Stage(run.Name, null);
            if (run.Attempt is not null || (run.IsWaiting && run.Generation > 0))
                begun ??= run.Name;
            else if (run.IsWaiting)
                waiting ??= run.Name;
        }
        return new Stage(null, begun ?? waiting);
    }

    /// <param name="Donor">Has its end behind it; null: nobody yet.</param>
    /// <param name="Trainer">Null: nobody, or nobody is needed any more.</param>
    private sealed record Stage(string? Donor, string? Trainer);
}
