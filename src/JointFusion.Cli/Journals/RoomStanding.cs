using System.Collections.Immutable;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>room.json in a server's root: which nodes and slots are kept from runs, for the day that the journal is lost.</summary>
internal sealed record RoomStanding(ImmutableArray<NodeDrain> Draining, ImmutableArray<SlotQuarantine> Quarantined)
{
    public static RoomStanding Open { get; } = new([], []);

    public static RoomStanding Of(ClusterSnapshot cluster) => new(cluster.Draining, cluster.Quarantined);

    public IEnumerable<IJournalEvent> Events() =>
    [
        .. Draining.Select(drain => new NodeDraining(drain.Node, drain.Since, drain.By)),
        .. Quarantined.Select(slot => new SlotQuarantined(slot.Slot, slot.Since, slot.Until, slot.Reason)),
    ];
}
