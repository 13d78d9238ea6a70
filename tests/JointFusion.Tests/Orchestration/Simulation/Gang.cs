using JointFusion.Orchestration;

namespace JointFusion.Tests;

internal sealed record GangMember(SimulatedNode Node, int Slot);

/// <summary>The ranks of one attempt as they really are, whatever the coordinator believes: they step together or not at all.</summary>
internal sealed class Gang(SimulatedCluster cluster, SimulatedRun run, int worldSize, int generation, int resumeStep, int? rung, SharedStart? start)
{
    private readonly GangMember?[] members = new GangMember?[worldSize];
    private readonly int began = resumeStep;
    private bool isBroken;

    /// <summary>Done, those before this attempt included.</summary>
    public int Steps { get; private set; } = resumeStep;

    public void Join(int rank, GangMember member)
    {
        if (members[rank] is not null)
            throw new SimulationException($"rank {rank} of {run.Name}, generation {generation}, was begun twice");
        members[rank] = member;
        if (isBroken)
            EndSoon(rank, new ReplicaOutcome.Failed(FailureKind.PeerLost, "a rank hung up"));
        else if (members.All(each => each is not null))
            cluster.Time.After(cluster.Between(0.2, 1), Begin);
    }

    /// <summary>One is asked to stop: all agree to, after a checkpoint.</summary>
    /// <returns>Whether it has begun; its end, or that which is under way, will follow.</returns>
    public bool Stop(int rank)
    {
        if (members[rank] is null)
            return false;
        if (!isBroken && members.All(each => each is not null) && Steps > began)
            members[0]!.Node.Hear(members[0]!.Slot, new WorkerMessage.Checkpoint(run.Name, generation, Steps));
        Break(new ReplicaOutcome.Stopped(Steps));
        return true;
    }

    /// <summary>Its process is gone: the others notice.</summary>
    public void Lose(int rank)
    {
        members[rank] = null;
        Break(new ReplicaOutcome.Failed(FailureKind.PeerLost, $"rank {rank} hung up"));
    }

    private void Begin()
    {
        if (isBroken)
            return;
        if (run.Fate == RunFate.BadInput)
            Break(new ReplicaOutcome.Failed(FailureKind.BadInput, "a broken file"));
        else if (run.Fate == RunFate.AlwaysCrashes)
            members[0]!.Node.CrashWorker(members[0]!.Slot, "out of luck");
        else if (members.FirstOrDefault(each => each!.Node.IsBad(each.Slot)) is { } bad)
            bad.Node.CrashWorker(bad.Slot, "its device is broken");
        else if (start is not null)
            members[0]!.Node.Hear(members[0]!.Slot, new WorkerMessage.Checkpoint(run.Name, generation, Steps));
        if (isBroken)
            return;
        if (Steps == rung)
            EndAtRung(); // its checkpoint was taken, and nobody heard what it was measured at
        else if (Steps == run.Steps)
            Succeed(); // a checkpoint of the last step was all that was left
        else
            cluster.Time.After(cluster.Between(0.5, 1.5), Step);
    }

    private void Step()
    {
        if (isBroken)
            return;
        Steps++;
        var first = members[0]!;
        cluster.StepDone(first.Node, run.Name, generation, Steps);
        if (Steps % run.CheckpointEvery == 0 || Steps == run.Steps || Steps == rung || Steps == run.Shared?.Step)
            first.Node.Hear(first.Slot, new WorkerMessage.Checkpoint(run.Name, generation, Steps));
        if (Steps == rung)
            EndAtRung();
        else if (Steps < run.Steps)
            cluster.Time.After(cluster.Between(0.5, 1.5), Step);
        else
            Succeed();
    }

    private void Succeed() => EndAll(new ReplicaOutcome.Succeeded());

    private void EndAtRung() => EndAll(new ReplicaOutcome.AtRung(Steps, "recall", run.ValueAt(Steps)));

    private void EndAll(ReplicaOutcome outcome)
    {
        isBroken = true; // what is done cannot be broken any more
        for (var rank = 0; rank < members.Length; rank++)
            EndSoon(rank, outcome);
    }

    private void Break(ReplicaOutcome outcome)
    {
        if (isBroken)
            return;
        isBroken = true;
        for (var rank = 0; rank < members.Length; rank++)
            EndSoon(rank, outcome);
    }

    private void EndSoon(int rank, ReplicaOutcome outcome)
    {
        if (members[rank] is not { } member)
            return;
        cluster.Time.After(cluster.Between(0.05, 2), () =>
        {
            if (members[rank] == member)
                member.Node.Hear(member.Slot, new WorkerMessage.Ended(run.Name, generation, outcome, 0));
        });
    }
}
