namespace JointFusion.Orchestration;

/// <summary>A worker's half of the link: reads orders on the calling thread, runs replicas on their own, reports through the writer.</summary>
/// <remarks>
/// <code>
/// agent --> reader (caller's thread) --> ReplicaThread --> reports --> bounded queue --> writer --> agent
///                                                                      (steps: oldest dropped; the rest: never)
/// </code>
/// </remarks>
public sealed class WorkerSession : IDisposable
{
    private const int StepsKept = 256;
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(30);

    private readonly DropOldestQueue<WorkerMessage> outgoing = new(StepsKept, message => message is WorkerMessage.Step);
    private readonly MessageLink<WorkerMessage, AgentMessage> link;
    private readonly ReplicaThread replicas;

    /// <param name="stream">Connected to the agent; owned.</param>
    public WorkerSession(Stream stream, IReplica replica)
    {
        link = new MessageLink<WorkerMessage, AgentMessage>(stream, LinkJson.Default.WorkerMessage, LinkJson.Default.AgentMessage, outgoing);
        replicas = new ReplicaThread(replica, link.Send, () => outgoing.Dropped);
    }

    /// <summary>Serves until the agent says Shutdown or is gone; then stops what runs and waits for it up to 30 s.</summary>
    /// <returns>Whether the replica ended in that time.</returns>
    public bool Run()
    {
        replicas.Start();
        link.Start("worker link");
        link.Send(new WorkerMessage.Hello(Environment.ProcessId));
        link.ReadToEnd(Take);
        return replicas.End(EndTime);
    }

    public void Dispose() => link.Dispose();

    private bool Take(AgentMessage message)
    {
        switch (message)
        {
            case AgentMessage.Prepare prepare:
                replicas.Prepare(prepare.Order);
                return true;
            case AgentMessage.Begin begin:
                replicas.Begin(begin.Assignment);
                return true;
            case AgentMessage.Journalled journalled:
                replicas.Acknowledge(journalled);
                return true;
            case AgentMessage.Stop stop:
                replicas.Stop(stop.Run, stop.Generation);
                return true;
            default:
                return false; // Shutdown
        }
    }
}
