using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>Everything that can happen to a run. What comes from an attempt carries its generation: a late word from a dead one is dropped.</summary>
public abstract record RunMessage
{
    /// <summary>A known run is submitted again: what its order asks for counts from the next attempt on.</summary>
    public sealed record Submit(RunOrder Order) : RunMessage;

    /// <param name="Reason">For users; null: nobody is named.</param>
    /// <param name="Keeps">Slots that it is to have again at once; null: none.</param>
    public sealed record Stop(StopPurpose Purpose, string? Reason = null, int? Keeps = null) : RunMessage;

    /// <param name="Reason">For users; null: nobody is named.</param>
    public sealed record Resume(string? Reason = null) : RunMessage;

    /// <summary>A user's word on it, which from now on counts more than that of its order, however often that is submitted.</summary>
    /// <param name="By">Who says so; null: nobody is named.</param>
    public sealed record Prioritise(int Priority, string? By = null) : RunMessage;

    /// <summary>The coordinator came back with its journal: whether the ranks are still at work is for their nodes to say.</summary>
    public sealed record Adopt : RunMessage;

    /// <param name="Start">Where it begins, if it has no checkpoint; null: at its seed.</param>
    public sealed record Place(ImmutableArray<SlotAddress> Slots, SharedStart? Start = null) : RunMessage;

    /// <summary>The slots it waits for cannot start a worker.</summary>
    public sealed record GiveUp(string Reason) : RunMessage;

    /// <summary>It is one of the best at its rung.</summary>
    /// <param name="Reason">For users.</param>
    public sealed record Promote(string Reason) : RunMessage;

    /// <summary>It is not, and nobody else will come there.</summary>
    /// <param name="Reason">For users.</param>
    public sealed record Prune(string Reason) : RunMessage;

    public sealed record RankPhase(int Generation, int Rank, ReplicaPhase Phase, string Detail) : RunMessage;

    public sealed record RankListening(int Generation, int Rank, string Endpoint) : RunMessage;

    public sealed record Step(int Generation, string Stage, int Number) : RunMessage;

    public sealed record Checkpoint(int Generation, int At) : RunMessage;

    public sealed record RankWarning(int Generation, int Rank, string Message) : RunMessage;

    /// <param name="IsSilent">No pulse has followed for too long.</param>
    public sealed record RankPulse(int Generation, int Rank, Experiments.RankPulse Pulse, bool IsSilent) : RunMessage;

    public sealed record RankEnd(int Generation, int Rank, ReplicaOutcome Outcome) : RunMessage;
}
