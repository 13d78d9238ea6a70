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

    public static IProcessGroup[] Create(string kind, int worldSize) =>
        kind == "local" ? [.. LocalProcessGroup.Create(worldSize)] : [.. ConnectTcp(worldSize)];

    public static TcpProcessGroup[] ConnectTcp(int worldSize, TimeSpan? collectiveTimeout = null)
    {
        var listeners = Listen(worldSize);
        var groups = new TcpProcessGroup[worldSize];
        var errors = Try(Enumerable.Range(0, worldSize).Select<int, Action>(rank => () =>
            groups[rank] = TcpProcessGroup.Connect(listeners[rank], Assignment(listeners, rank), Patience, collectiveTimeout)));
        Assert.All(errors, Assert.Null);
        return groups;
    }

    public static TcpListenerSocket[] Listen(int worldSize) =>
        [.. Enumerable.Range(0, worldSize).Select(_ => TcpListenerSocket.Open("127.0.0.1"))];

    public static RankAssignment Assignment(TcpListenerSocket[] listeners, int rank) =>
        new("run", 2, rank, [.. listeners.Select(listener => listener.Endpoint)], "a secret");
}
