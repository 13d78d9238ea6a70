namespace JointFusion.Orchestration;

/// <summary>Where workers come from: child processes in production, threads or fakes in tests.</summary>
public interface IReplicaHost : IAsyncDisposable
{
    /// <summary>Starts a worker for a slot and returns at once. A worker that cannot be started is told through <see cref="IReplicaWorkerEvents.Exited"/>.</summary>
    IReplicaWorker Start(int slot, IReplicaWorkerEvents events);
}

/// <summary>One worker, from its start until its exit has been told.</summary>
public interface IReplicaWorker
{
    /// <summary>Never blocks; what a dead worker is sent is lost.</summary>
    void Send(AgentMessage message);

    /// <summary>Ends it at once. Its exit is still told.</summary>
    /// <param name="reason">Becomes the reason of the exit.</param>
    void Kill(string reason);
}

/// <summary>What a worker tells. Called from any thread, one call at a time.</summary>
public interface IReplicaWorkerEvents
{
    /// <summary>First of all, unless it could not be started.</summary>
    void Started(int pid);

    void Received(WorkerMessage message);

    /// <summary>Exactly once, and last: everything the worker sent has been received.</summary>
    void Exited(WorkerExit exit);
}
