using System.Collections.Immutable;
using JointFusion.Experiments;
using JointFusion.Training;
using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>Runs the ranks of a group on threads of this process.</summary>
internal static class Ranks
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>What each rank threw, or null; by rank.</summary>
    public static Exception?[] Try(IEnumerable<Action> ranks)
    {
        var actions = ranks.ToArray();
        var errors = new Exception?[actions.Length];
        var threads = actions.Select((action, rank) => new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                errors[rank] = e;
            }
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) Assert.True(thread.Join(Patience), "A rank hangs.");
        return errors;
    }

    public static Exception?[] Try<TGroup>(TGroup[] groups, Action<TGroup> body) where TGroup : IProcessGroup =>
        Try(groups.Select<TGroup, Action>(group => () => body(group)));

    /// <summary>Runs <paramref name="body"/> on every rank, then disposes the groups.</summary>
    public static void Run(IProcessGroup[] groups, Action<IProcessGroup> body)
    {
        var errors = Try(groups, body);
        foreach (var group in groups) group.Dispose();
        Assert.All(errors, Assert.Null);
    }

    /// <summary>Every kind of group that there is.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["local", "tcp", "shared-memory", "nccl"];

    /// <summary>Those whose sums agree bitwise with each other. NCCL adds in an order of its own.</summary>
    public static IReadOnlyList<string> KindsOfOneSum { get; } = ["local", "tcp", "shared-memory"];

    public static TheoryData<string> AllKinds => [.. Kinds];

    /// <param name="collectiveTimeout">Not kept by local groups, whose ranks are never silent.</param>
    public static IProcessGroup[] Create(string kind, int worldSize, TimeSpan? collectiveTimeout = null) => kind switch
    {
        "local" => [.. LocalProcessGroup.Create(worldSize)],
        "tcp" => ConnectTcp(worldSize, collectiveTimeout),
        "shared-memory" => ConnectSharedMemory(worldSize, collectiveTimeout),
        "nccl" => ConnectNccl(worldSize, collectiveTimeout),
        _ => throw new ArgumentException($"There is no group '{kind}'.", nameof(kind)),
    };

    public static void Abort(IProcessGroup group, string reason)
    {
        if (group is TcpProcessGroup tcp) tcp.Abort(reason);
        else if (group is SharedMemoryProcessGroup sharedMemory) sharedMemory.Abort(reason);
        else if (group is NcclProcessGroup nccl) nccl.Abort(reason);
        else ((LocalProcessGroup)group).Abort(reason);
    }

    private static IProcessGroup[] ConnectTcp(int worldSize, TimeSpan? collectiveTimeout)
    {
        var listeners = Listen(worldSize);
        return Connect<IProcessGroup>(worldSize, rank => TcpProcessGroup.Connect(listeners[rank], Assignment(listeners, rank), Patience, collectiveTimeout));
    }

    private static IProcessGroup[] ConnectSharedMemory(int worldSize, TimeSpan? collectiveTimeout)
    {
        var doors = Enumerable.Range(0, worldSize).Select(rank => SharedMemoryDoor.Open(rank, worldSize)).ToArray();
        return Connect<IProcessGroup>(worldSize, rank => SharedMemoryProcessGroup.Connect(doors[rank], Assignment(doors, rank), Patience, collectiveTimeout));
    }

    /// <summary>Over the stand-in; rank r has the first group's device + r.</summary>
    public static NcclProcessGroup[] ConnectNccl(int worldSize, TimeSpan? collectiveTimeout = null)
    {
        var library = StandIn.Library;
        var first = StandIn.NewDevices(worldSize);
        return ConnectNccl(library, [.. Enumerable.Range(first, worldSize)], collectiveTimeout);
    }

    /// <param name="devices">By rank.</param>
    public static NcclProcessGroup[] ConnectNccl(NcclLibrary library, int[] devices, TimeSpan? collectiveTimeout = null)
    {
        var listeners = Listen(devices.Length);
        return Connect(devices.Length, rank => NcclProcessGroup.Connect(
            listeners[rank], Assignment(listeners, rank), library, devices[rank], Patience, collectiveTimeout));
    }

    private static TGroup[] Connect<TGroup>(int worldSize, Func<int, TGroup> connect) where TGroup : IProcessGroup
    {
        var groups = new TGroup[worldSize];
        var errors = Try(Enumerable.Range(0, worldSize).Select<int, Action>(rank => () => groups[rank] = connect(rank)));
        Assert.All(errors, Assert.Null);
        return groups;
    }

    public static TcpListenerSocket[] Listen(int worldSize) =>
        [.. Enumerable.Range(0, worldSize).Select(_ => TcpListenerSocket.Open("127.0.0.1"))];

    public static RankAssignment Assignment(TcpListenerSocket[] listeners, int rank) =>
        Assignment([.. listeners.Select(listener => listener.Endpoint)], rank);

    public static RankAssignment Assignment(SharedMemoryDoor[] doors, int rank) => Assignment([.. doors.Select(door => door.Endpoint)], rank);

    private static RankAssignment Assignment(ImmutableArray<string> endpoints, int rank) => new("run", 2, rank, endpoints, "a secret");
}
