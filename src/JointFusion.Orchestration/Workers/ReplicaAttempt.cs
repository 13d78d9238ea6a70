using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Orchestration;

/// <summary>One attempt as the reader thread steers it and the replica's thread lives it.</summary>
internal sealed class ReplicaAttempt(ReplicaOrder order) : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly ManualResetEventSlim decided = new();
    private volatile RankAssignment? assignment;
    private volatile KnownCheckpoints checkpoints = KnownCheckpoints.None;

    public ReplicaOrder Order => order;
    public CancellationToken Stopping => stop.Token;

    public KnownCheckpoints Checkpoints => checkpoints;

    public bool Is(string run, int generation) => order.Run == run && order.Generation == generation;

    public void Begin(RankAssignment place)
    {
        assignment = place;
        decided.Set();
    }

    /// <summary>Steps go only forwards: a late word changes nothing. By one thread.</summary>
    public void Acknowledge(int checkpoint, ImmutableArray<int>? letGo) => checkpoints = new(Math.Max(checkpoints.Journalled ?? 0, checkpoint), letGo ?? []);

    public void Stop()
    {
        stop.Cancel();
        decided.Set();
    }

    /// <summary>Waits until the peers are known; null if the attempt is abandoned first.</summary>
    public RankAssignment? WaitForPeers()
    {
        decided.Wait();
        return stop.IsCancellationRequested ? null : assignment;
    }

    public void Dispose()
    {
        stop.Dispose();
        decided.Dispose();
    }
}
