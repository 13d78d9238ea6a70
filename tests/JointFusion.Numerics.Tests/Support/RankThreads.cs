using JointFusion.Training;

namespace JointFusion.Numerics.Tests;

/// <summary>One dedicated thread a rank, joined; a rank's exception is rethrown.</summary>
public static class RankThreads
{
    public static void Run(int ranks, Action<IProcessGroup> body)
    {
        var groups = LocalProcessGroup.Create(ranks);
        var failures = new Exception?[ranks];
        var threads = groups.Select((group, rank) => new Thread(() =>
        {
            try
            {
                using var scope = TorchSharp.torch.NewDisposeScope();
                body(group);
            }
            catch (Exception failure)
            {
                failures[rank] = failure;
                group.Dispose();
            }
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        foreach (var group in groups)
            group.Dispose();
        if (failures.FirstOrDefault(failure => failure is not null and not PeerLostException) is { } first)
            throw new InvalidOperationException("A rank failed.", first);
        if (failures.Any(failure => failure is not null))
            throw new InvalidOperationException("A rank lost its peer.", failures.First(failure => failure is not null));
    }
}
