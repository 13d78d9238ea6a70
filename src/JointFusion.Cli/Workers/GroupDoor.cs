using JointFusion.Experiments;
using JointFusion.Orchestration;
using JointFusion.Training;

namespace JointFusion.Cli;

/// <summary>One attempt's open door to its peers: shared memory if the plan has it and all ranks are on this machine, NCCL if it has that, else TCP.</summary>
internal sealed class GroupDoor : IDisposable
{
    private readonly IDisposable door;
    private readonly Func<RankAssignment, TimeSpan, IProcessGroup> connect;

    private GroupDoor(IDisposable door, string endpoint, Func<RankAssignment, TimeSpan, IProcessGroup> connect)
    {
        this.door = door;
        this.connect = connect;
        Endpoint = endpoint;
    }

    /// <summary>Where the other ranks reach this one.</summary>
    public string Endpoint { get; }

    /// <param name="address">Of this machine; not opened while all ranks are on it.</param>
    public static GroupDoor Open(ReplicaOrder order, RunPlan plan, string address)
    {
        if (plan.Resources.Transport == Transport.SharedMemory && order.OneNode)
        {
            var memory = SharedMemoryDoor.Open(order.Rank, order.WorldSize);
            return new GroupDoor(memory, memory.Endpoint, (assignment, timeout) => SharedMemoryProcessGroup.Connect(memory, assignment, timeout));
        }
        var listener = TcpListenerSocket.Open(order.OneNode ? "127.0.0.1" : address);
        if (plan.Resources.Transport == Transport.Nccl && order.WorldSize > 1)
        {
            return new GroupDoor(listener, listener.Endpoint, (assignment, timeout) => NcclProcessGroup.Connect(
                listener, assignment, NcclLibrary.Load(), TrainingDevice.Of(plan.Resources.Device, assignment.Rank).index, timeout));
        }
        return new GroupDoor(listener, listener.Endpoint, (assignment, timeout) => TcpProcessGroup.Connect(listener, assignment, timeout));
    }

    /// <summary>Joins the group; closes the door in any case.</summary>
    /// <exception cref="PeerLostException">A rank did not come in time.</exception>
    public IProcessGroup Connect(RankAssignment assignment, TimeSpan timeout) => connect(assignment, timeout);

    public void Dispose() => door.Dispose();
}
