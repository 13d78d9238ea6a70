using System.Collections.Concurrent;
using JointFusion.Training;
using TorchSharp;
using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>A step leaves no tensor behind: native memory is nothing that the garbage collector sees.</summary>
public sealed class LiveTensorsTests : IDisposable
{
    private const int Steps = 500, Window = 100, Workers = 2;

    private readonly CardSet cards = new();

    public void Dispose() => cards.Dispose();

    [Fact]
    public void Should_HoldAsManyTensorsAfterEachStep_When_TrainingFor500()
    {
        using var run = new RunInProcess(cards.Summary, every: 50, Steps, ", hard_negatives: 1");
        var counts = Train(run, leakedAStep: 0);

        Assert.Equal(Workers, counts.Count);
        Assert.Equal([40, .. Enumerable.Range(1, Steps / 50).Select(nth => nth * 50)], run.Events.Checkpoints); // the first stage ends at 40
        Assert.All(counts, rank => Assert.Single(rank[^(Steps - Window + 1)..].Distinct()));
    }

    [Fact]
    public void Should_CountOneMoreEachStep_When_OneTensorAStepIsLeftBehind()
    {
        const int steps = 20;
        using var run = new RunInProcess(cards.Summary, every: 5, steps);
        var counts = Train(run, leakedAStep: 1);

        Assert.All(counts, rank => Assert.Equal([1, 1, 1, 1, 1], rank[^6..].Zip(rank[^5..], (before, after) => after - before)));
    }

    /// <returns>For each rank the tensors that live between any two of its steps; the last is after the last step.</returns>
    private static IReadOnlyCollection<long[]> Train(RunInProcess run, int leakedAStep)
    {
        var counting = new ConcurrentQueue<CountingGroup>();
        run.Run(Workers, around: group =>
        {
            var counter = new CountingGroup(group, leakedAStep);
            counting.Enqueue(counter);
            return counter;
        });
        return [.. counting.Select(group => group.LiveTensors.ToArray())];
    }

    /// <summary>Counts this thread's live tensors when ranks ask each other whether to stop: before each step and after the last, outside their scopes.</summary>
    private sealed class CountingGroup(IProcessGroup inner, int leaked) : GroupDecorator(inner)
    {
        public List<long> LiveTensors { get; } = [];

        public override bool Any(bool flag)
        {
            for (var i = 0; i < leaked; i++)
                _ = torch.zeros(1);
            LiveTensors.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            return base.Any(flag);
        }
    }
}
