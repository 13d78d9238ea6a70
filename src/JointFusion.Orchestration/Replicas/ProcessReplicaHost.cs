using System.Collections.Concurrent;

namespace JointFusion.Orchestration;

/// <summary>Workers as child processes, each behind a Unix domain socket of its own in a folder that only this user may enter.</summary>
/// <param name="logFolder">Takes worker-N.log, N being the slot; made if missing.</param>
/// <param name="runLogs">Whether each rank's log is also kept in its run's folder, as logs/rank-N.log.</param>
public sealed class ProcessReplicaHost(WorkerLaunch launch, string logFolder, bool runLogs = false) : IReplicaHost
{
    private readonly SocketFolder sockets = new();
    private readonly ConcurrentDictionary<int, WorkerChild> children = new();
    private int spawned;

    public IReplicaWorker Start(int slot, IReplicaWorkerEvents events)
    {
        var number = Interlocked.Increment(ref spawned);
        var log = new WorkerLog(Path.Combine(logFolder, $"worker-{slot}.log"));
        var child = new WorkerChild(launch.ForSlot(slot), sockets.Socket($"w{number}"), log, runLogs, events);
        children[number] = child;
        child.Start(() => children.TryRemove(number, out _));
        return child;
    }

    /// <summary>Kills what still lives, waits for it, and removes the sockets.</summary>
    public async ValueTask DisposeAsync()
    {
        var living = children.Values.ToList();
        foreach (var child in living)
            child.Kill("its agent ended");
        await Task.WhenAll(living.Select(child => child.Ended));
        sockets.Dispose();
    }
}
