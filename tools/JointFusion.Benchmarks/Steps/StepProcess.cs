using System.Diagnostics;
using System.Globalization;
using JointFusion.Experiments;

namespace JointFusion.Benchmarks;

/// <summary>A child of this program that runs <see cref="StepRank"/> on one thread, in the environment that workers get.</summary>
internal sealed class StepProcess : IDisposable
{
    private readonly Process process;

    private StepProcess(Process process) => this.process = process;

    /// <summary>All ranks of a world, joined twice: for training, and for what is exchanged beside it.</summary>
    public static StepProcess[] StartWorld(StepCase work, int world, Transport transport = Transport.SharedMemory)
    {
        StepProcess[] ranks = [.. Enumerable.Range(0, world).Select(rank => Start(work, rank, world, transport))];
        for (var group = 0; group < 2; group++)
        {
            var endpoints = string.Join('\t', ranks.Select(rank => rank.Read()));
            foreach (var rank in ranks)
                rank.process.StandardInput.WriteLine(endpoints);
        }
        return ranks;
    }

    /// <summary>The same order to all, at the same time.</summary>
    public static double[] AskAll(StepProcess[] ranks, string order)
    {
        foreach (var rank in ranks)
            rank.process.StandardInput.WriteLine(order);
        return [.. ranks.Select(rank => double.Parse(rank.Read(), CultureInfo.InvariantCulture))];
    }

    public void Dispose()
    {
        process.StandardInput.Close(); // The end of its orders.
        process.WaitForExit();
        process.Dispose();
    }

    private string Read() => process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("A rank of the benchmark has died; its error stands above.");

    private static StepProcess Start(StepCase work, int rank, int world, Transport transport) =>
        new(OwnProcess.Start([StepRank.Verb, work.Name, $"{rank}", $"{world}", $"{transport}", .. work.Root is { } root ? [root] : (string[])[]]));
}
