using JointFusion.Experiments;

namespace JointFusion.Orchestration;

/// <summary>One attempt as the reader thread steers it and the replica's thread lives it.</summary>
internal sealed class ReplicaAttempt(ReplicaOrder order) : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly ManualResetEventSlim decided = new();
    private volatile RankAssignment? assignment;

    public ReplicaOrder Order => order;
    public CancellationToken Stopping => stop.Token;

    public bool Is(string run, int generation) => order.Run == run && order.Generation == generation;

    public void Begin(RankAssignment place)
    {
        assignment = place;
        decided.Set();
    }

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
