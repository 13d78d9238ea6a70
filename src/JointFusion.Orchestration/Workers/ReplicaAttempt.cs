using JointFusion.Experiments;

namespace JointFusion.Orchestration;

/// <summary>One attempt as the reader thread steers it and the replica's thread lives it.</summary>
internal sealed class ReplicaAttempt(ReplicaOrder order) : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly ManualResetEventSlim decided = new();
    private volatile RankAssignment? assignment;
    private volatile int journalled;

    public ReplicaOrder Order => order;
    public CancellationToken Stopping => stop.Token;

    /// <summary>Step of the newest checkpoint that the journal is known to hold beyond the order's; null: none.</summary>
    public int? Journalled => journalled is var step and > 0 ? step : null;

    public bool Is(string run, int generation) => order.Run == run && order.Generation == generation;

    public void Begin(RankAssignment place)
    {
        assignment = place;
        decided.Set();
    }

    /// <summary>Only forwards: a late word changes nothing.</summary>
    public void Acknowledge(int checkpoint) => journalled = Math.Max(journalled, checkpoint);

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
