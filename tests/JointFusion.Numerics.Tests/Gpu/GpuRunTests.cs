using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>Whole runs on a GPU, which several workers share. Explicit: run on a machine with a GPU, as CONTRIBUTING.md says.</summary>
public sealed class GpuRunTests : IDisposable
{
    private const int Steps = 24;

    private readonly CardSet cards = new();

    public void Dispose() => cards.Dispose();

    [Theory(Explicit = true), InlineData(1, false), InlineData(2, false), InlineData(2, true)]
    public void Should_EndWithTheSameBits_When_Stopped(int workers, bool sharded)
    {
        using var undisturbed = OnGpu();
        using var stopped = OnGpu();
        undisturbed.Run(workers, sharded: sharded);
        stopped.Run(workers, stopAfter: 7, sharded: sharded);
        stopped.Run(workers, stopAfter: 13, sharded: sharded);
        stopped.Run(workers, sharded: sharded);

        Assert.Empty(undisturbed.Events.Warnings);
        Assert.Equal(undisturbed.Losses, stopped.Losses);
        Assert.Equal(undisturbed.FinalWeights, stopped.FinalWeights);
        Assert.Equal(undisturbed.FinalOptimizer, stopped.FinalOptimizer);
        Assert.Equal(File.ReadAllText(undisturbed.Folder.Outcomes), File.ReadAllText(stopped.Folder.Outcomes));
    }

    [Fact(Explicit = true)]
    public void Should_SeeTheSameBatchesAndLoseTheSame_When_TheGpuFollowsTheCpu()
    {
        using var cpu = new RunInProcess(cards.Summary, every: 5, Steps);
        using var both = new RunInProcess(cards.Summary, every: 5, Steps);
        cpu.Run(workers: 1);
        both.Run(workers: 2, stopAfter: 9);
        both.Device = "cuda";
        both.Run(workers: 1);

        Assert.Equal(cpu.Metrics.Select(step => step.Ledger), both.Metrics.Select(step => step.Ledger));
        Assert.All(cpu.Losses.Zip(both.Losses), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
    }

    [Theory(Explicit = true)]
    [InlineData(", hard_negatives: 1", "fp32")]
    [InlineData(", mined_negatives: { per_query: 1, from_top: 5 }", "fp32")]
    [InlineData(", loss: sigmoid", "fp32")]
    [InlineData(", symmetric: true", "bf16")]
    public void Should_LearnAndRepeat_When_Asked(string stageOptions, string precision)
    {
        using var first = OnGpu(stageOptions, precision, steps: 120);
        using var second = OnGpu(stageOptions, precision, steps: 120);
        first.Run(workers: 1);
        second.Run(workers: 1);

        Assert.Equal(first.Losses, second.Losses);
        Assert.Equal(first.FinalWeights, second.FinalWeights);
        var learnt = first.Losses[^40..];
        Assert.True(learnt[^10..].Average() < 0.8 * learnt[0], $"{learnt[0]} -> {learnt[^10..].Average()}");
    }

    private RunInProcess OnGpu(string stageOptions = "", string precision = "fp32", int steps = Steps) =>
        new(cards.Summary, every: 5, steps, stageOptions) { Device = "cuda", Precision = precision };
}
