using System.Collections.Immutable;
using System.Text.Json.Serialization;
using JointFusion.Experiments;

namespace JointFusion.Orchestration;

/// <summary>Agent to coordinator, on every change and from time to time: the node's full state, so that no lost message matters.</summary>
/// <param name="Node">Unique name.</param>
/// <param name="Slots">By slot number.</param>
/// <param name="Labels">What runs may ask of a node; null: none.</param>
/// <param name="Protocol">That its agent speaks: see <see cref="ClusterProtocol"/>.</param>
/// <param name="Vitals">Null: it does not say.</param>
public sealed record NodeReport(
    string Node, ImmutableArray<SlotReport> Slots,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] ImmutableSortedDictionary<string, string>? Labels = null,
    int Protocol = ClusterProtocol.First,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] NodeVitals? Vitals = null) : ClusterCommand, IProtocolMessage
{
    /// <summary>Whether no run could be placed that could not be placed before, as far as the node is asked: a slot that has taken up its work offers less.</summary>
    public bool OffersNoMoreThan(NodeReport before)
    {
        if (Slots.Length != before.Slots.Length || !Has(before.Labels) || !before.Has(Labels))
            return false;
        for (var slot = 0; slot < Slots.Length; slot++)
            if (!Slots[slot].OffersNoMoreThan(before.Slots[slot]))
                return false;
        return true;
    }

    public bool Has(ImmutableSortedDictionary<string, string>? labels) =>
        labels is null || labels.All(wanted => Labels is not null && Labels.TryGetValue(wanted.Key, out var value) && value == wanted.Value);
}

/// <param name="Pid">Null while no worker process lives.</param>
/// <param name="IsReady">The worker has said hello and takes work.</param>
/// <param name="FailedStarts">Workers in a row that died before they said hello.</param>
/// <param name="Work">Null until work is taken; kept after its end until other orders come.</param>
/// <param name="LastExit">Of the worker before this one.</param>
public sealed record SlotReport(int Slot, int? Pid, bool IsReady, int FailedStarts, SlotWork? Work, WorkerExit? LastExit)
{
    /// <summary>Neither works nor is being started.</summary>
    public bool IsIdle => IsReady && Work is null or { Outcome: not null };

    /// <summary>Neither has it become idle, nor did it begin or cease to be hopeless.</summary>
    internal bool OffersNoMoreThan(SlotReport before) => Slot == before.Slot && FailedStarts == before.FailedStarts && (before.IsIdle || !IsIdle);

    /// <summary>As a node tells it that is about to go: it takes no work, and how its ranks end is its own doing, which its leaving will say.</summary>
    public SlotReport OfGoingNode() => this with { IsReady = false, Work = Work is null ? null : Work with { Outcome = null } };
}

/// <summary>What a slot's worker is doing for one attempt.</summary>
/// <param name="Endpoint">host:port of the data plane, once it listens.</param>
/// <param name="Checkpoint">Newest step reported whole by this attempt.</param>
/// <param name="Outcome">Null while it runs.</param>
/// <param name="Warning">The latest; null: none so far.</param>
/// <param name="Pulse">The latest; null before the first.</param>
/// <param name="IsSilent">No pulse has followed for too long.</param>
public sealed record SlotWork(
    string Run, int Generation, int Rank, ReplicaPhase Phase, string Detail, string? Endpoint, int? Checkpoint, ReplicaOutcome? Outcome,
    string? Warning = null, RankPulse? Pulse = null, bool IsSilent = false)
{
    public bool Is(string run, int generation) => Run == run && Generation == generation;
}
