using JointFusion.Experiments;
using JointFusion.Training;

namespace JointFusion.Benchmarks;

/// <summary>An all-reduce by one of the project's groups.</summary>
internal sealed class GroupWork(string endpoint, Func<RankAssignment, IProcessGroup> connect) : IRankWork
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private IProcessGroup? group;

    public string Endpoint => endpoint;

    public IProcessGroup Group => group ?? throw new InvalidOperationException("The group has not been joined.");

    public static GroupWork SharedMemory(int rank, int worldSize)
    {
        var door = SharedMemoryDoor.Open(rank, worldSize);
        return new GroupWork(door.Endpoint, assignment => SharedMemoryProcessGroup.Connect(door, assignment, Patience));
    }

    public static GroupWork Tcp()
    {
        var listener = TcpListenerSocket.Open("127.0.0.1");
        return new GroupWork(listener.Endpoint, assignment => TcpProcessGroup.Connect(listener, assignment, Patience));
    }

    public void Join(RankAssignment assignment) => group = connect(assignment);

    public void Barrier() => Group.Barrier();

    public void Call(Span<float> buffer) => Group.AllReduce<float>(buffer);

    public void Check(Span<float> buffer)
    {
        if (buffer.ContainsAnyExcept(Group.WorldSize)) throw new InvalidOperationException("The sum is wrong.");
    }

    public void Dispose() => group?.Dispose();
}
