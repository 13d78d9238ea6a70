using System.Collections.Immutable;
using JointFusion.Orchestration;

namespace JointFusion.Tests;

/// <summary>A node agent with the product's <see cref="SlotState"/> in every slot, and workers that only pretend to train.</summary>
internal sealed class SimulatedNode
{
    private const double ReportInterval = 2, RespawnSeconds = 0.5;
    private readonly SimulatedCluster cluster;
    private readonly SlotState[] slots;
    private readonly int[] lives; // of each slot's worker: what an earlier worker was about to say is never heard
    private readonly HashSet<int> badSlots = [];
    private readonly bool hasLabel;
    private int pids;

    /// <param name="hasLabel">Whether runs that want <see cref="Label"/> may come.</param>
    public SimulatedNode(SimulatedCluster cluster, string name, int slotCount, bool hasLabel)
    {
        this.hasLabel = hasLabel;
        this.cluster = cluster;
        Name = name;
        slots = [.. Enumerable.Range(0, slotCount).Select(SlotState.New)];
        lives = new int[slotCount];
        for (var slot = 0; slot < slotCount; slot++)
            Spawn(slot);
        ReportForEver();
    }

    public static ImmutableSortedDictionary<string, string> Label { get; } = ImmutableSortedDictionary<string, string>.Empty.Add("gpu", "h100");

    public string Name { get; }

    public bool IsUp { get; private set; } = true;

    /// <summary>Neither reports nor orders get through; workers train on.</summary>
    public bool IsCutOff { get; set; }

    public bool IsIdle => slots.All(slot => slot.Report.Work is null or { Outcome: not null });

    public NodeReport Report => new(Name, [.. slots.Select(slot => slot.Report)], hasLabel ? Label : null);

    /// <summary>Its device is broken from now on.</summary>
    public void Spoil(int slot) => badSlots.Add(slot);

    public bool IsBad(int slot) => badSlots.Contains(slot);

    public void Take(NodeOrders orders)
    {
        if (!IsUp)
            return;
        var bySlot = orders.Slots.ToDictionary(order => order.Slot);
        for (var slot = 0; slot < slots.Length; slot++)
            Enter(slot, slots[slot] with { Order = bySlot.GetValueOrDefault(slot) });
    }

    public void Hear(int slot, WorkerMessage.OfAttempt message)
    {
        if (IsUp)
            Enter(slot, slots[slot].Heard(message));
    }

    public void CrashWorker(int slot, string reason)
    {
        if (!IsUp || slots[slot].Report.Pid is not { } pid)
            return;
        EndWorker(slot);
        Enter(slot, slots[slot].Exited(new WorkerExit(pid, 137, reason)));
        var life = lives[slot];
        cluster.Time.After(RespawnSeconds, () =>
        {
            if (IsUp && lives[slot] == life)
                Spawn(slot);
        });
    }

    /// <summary>The agent and all its workers die at once; after a while it comes back and knows nothing.</summary>
    public void Restart(double secondsAway)
    {
        for (var slot = 0; slot < slots.Length; slot++)
        {
            EndWorker(slot);
            slots[slot] = SlotState.New(slot);
        }
        IsUp = false;
        cluster.Time.After(secondsAway, () =>
        {
            IsUp = true;
            for (var slot = 0; slot < slots.Length; slot++)
                Spawn(slot);
        });
    }

    private void EndWorker(int slot)
    {
        lives[slot]++;
        if (slots[slot].Report.Work is { Outcome: null } work)
            cluster.GangOf(work.Run, work.Generation)?.Lose(work.Rank);
    }

    private void Spawn(int slot)
    {
        slots[slot] = slots[slot].Started(++pids);
        cluster.Time.After(RespawnSeconds, OfThisLife(slot, () => Enter(slot, slots[slot].Ready())));
    }

    /// <summary>As the worker's actor does.</summary>
    private void Enter(int slot, SlotState next)
    {
        var before = slots[slot].Report;
        slots[slot] = next;
        while (slots[slot].Reconcile() is var (after, action))
        {
            slots[slot] = after;
            Do(slot, action);
        }
        if (slots[slot].Report != before)
            Send();
    }

    private void Do(int slot, SlotAction action)
    {
        switch (action)
        {
            case SlotAction.Tell { Message: AgentMessage.Prepare prepare }:
                var listening = new WorkerMessage.Listening(prepare.Order.Run, prepare.Order.Generation, $"{Name}:{slot}");
                cluster.Time.After(cluster.Between(0.05, 0.5), OfThisLife(slot, () => Hear(slot, listening)));
                break;
            case SlotAction.Tell { Message: AgentMessage.Begin begin }:
                cluster.Join(begin.Assignment, new GangMember(this, slot), slots[slot].Order!.Order);
                break;
            case SlotAction.End end:
                var stop = (AgentMessage.Stop)end.Message;
                cluster.Time.After(cluster.Between(0.1, 3), OfThisLife(slot, () => End(slot, stop)));
                break;
        }
    }

    private void End(int slot, AgentMessage.Stop stop)
    {
        if (slots[slot].Report.Work is not { Outcome: null } work || !work.Is(stop.Run, stop.Generation))
            return;
        if (cluster.Chance(0.05))
        {
            CrashWorker(slot, "its replica did not end in time");
            return;
        }
        if (cluster.GangOf(stop.Run, stop.Generation)?.Stop(work.Rank) != true)
            Hear(slot, new WorkerMessage.Ended(stop.Run, stop.Generation, new ReplicaOutcome.Stopped(0), 0)); // It had no peers yet.
    }

    private Action OfThisLife(int slot, Action action)
    {
        var life = lives[slot];
        return () =>
        {
            if (IsUp && lives[slot] == life)
                action();
        };
    }

    private void ReportForEver()
    {
        Send();
        if (!cluster.IsOver)
            cluster.Time.After(ReportInterval, ReportForEver);
    }

    private void Send()
    {
        if (IsUp)
            cluster.ToCoordinator(this, Report);
    }
}
