using JointFusion.Retrieval;
using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>Whole runs, stopped and gone on with: at the same number of workers to the bit, at another within rounding.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly CardSet cards = new();

    public void Dispose() => cards.Dispose();

    [Fact]
    public void Should_SeeTheSameBatchesAndLoseTheSame_When_FourWorkersBecomeTwoThenThree()
    {
        using var one = new RunInProcess(cards.Summary);
        using var changing = new RunInProcess(cards.Summary);
        one.Run(workers: 1);
        changing.Run(workers: 4, stopAfter: 31);
        changing.Run(workers: 2, stopAfter: 77);
        changing.Run(workers: 3);

        Assert.Equal([(1, 31), (2, 46), (3, RunInProcess.Steps - 77)], changing.Metrics.CountBy(step => step.Generation).Select(pair => (pair.Key, pair.Value)));
        Assert.Equal(Enumerable.Range(1, RunInProcess.Steps), changing.Metrics.Select(step => step.Step));
        Assert.Equal(one.Metrics.Select(step => step.Ledger), changing.Metrics.Select(step => step.Ledger));
        var differences = one.Losses.Zip(changing.Losses, (a, b) => Math.Abs(a - b));
        var later = Smoothed(one.Losses).Zip(Smoothed(changing.Losses), (a, b) => Math.Abs(a - b));
        Assert.All(differences.Take(100), difference => Assert.InRange(difference, 0, 1e-3)); // 4e-4 when this was written
        Assert.All(later, difference => Assert.InRange(difference, 0, 1e-3)); // 6e-5
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Should_EndWithTheSameBits_When_StoppedTwiceAtTheSameNumberOfWorkers(bool sharded)
    {
        const int steps = 24;
        using var undisturbed = new RunInProcess(cards.Summary, every: 5, steps);
        using var stopped = new RunInProcess(cards.Summary, every: 5, steps);
        undisturbed.Run(workers: 3, sharded: sharded);
        stopped.Run(workers: 3, stopAfter: 7, sharded: sharded);
        stopped.Run(workers: 3, stopAfter: 13, sharded: sharded);
        stopped.Run(workers: 3, sharded: sharded);

        Assert.Equal(Steps(undisturbed), Steps(stopped));
        Assert.Equal(undisturbed.FinalWeights, stopped.FinalWeights);
        Assert.Equal(undisturbed.FinalOptimizer, stopped.FinalOptimizer);
        Assert.Equal(File.ReadAllText(undisturbed.Folder.Outcomes), File.ReadAllText(stopped.Folder.Outcomes));
    }

    /// <summary>Arms of a study, negatives that stay within blocks of rows too: stopped in each stage, evaluated at the end.</summary>
    [Theory]
    [InlineData("fusion: isolated", ", negatives_within: 4")]
    [InlineData("fusion: early, layers: 3, fusion_layer: 1", "")]
    [InlineData("fusion: score, modality_weights: learned", "")]
    [InlineData("fusion: feature, feature_mixer: mlp", ", negatives_within: 8, symmetric: true")]
    public void Should_EndWithTheSameBits_When_AnArmIsStoppedInEachStage(string retriever, string stage)
    {
        const int steps = 12, workers = 2;
        using var undisturbed = new RunInProcess(cards.Summary, every: 4, steps, stage) { Retriever = retriever };
        using var stopped = new RunInProcess(cards.Summary, every: 4, steps, stage) { Retriever = retriever };
        undisturbed.Run(workers);
        stopped.Run(workers, stopAfter: 3);
        stopped.Run(workers, stopAfter: 9);
        stopped.Run(workers);

        Assert.Equal(Steps(undisturbed), Steps(stopped));
        Assert.Equal(undisturbed.FinalWeights, stopped.FinalWeights);
        Assert.Equal(undisturbed.FinalOptimizer, stopped.FinalOptimizer);
        Assert.Equal(File.ReadAllText(undisturbed.Folder.Outcomes), File.ReadAllText(stopped.Folder.Outcomes));
        Assert.Equal(undisturbed.Metrics.Select(step => step.ModalityWeights), stopped.Metrics.Select(step => step.ModalityWeights));
        Assert.Equal(retriever.Contains("learned", StringComparison.Ordinal), stopped.Metrics[^1].ModalityWeights is { Image: not 1 });
    }

    /// <summary>The second stage freezes what the first has trained and trains the rest at other rates; it is stopped in each of them.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public void Should_EndWithTheSameBitsAndLeaveWhatIsFrozen_When_StoppedBetweenStagesOfOtherGroups(bool sharded)
    {
        const int steps = 24, workers = 2;
        const string groups = ", layer_decay: 0.8, parameters: [{ match: '*.text.*', frozen: true }, { match: '*.bias', rate: 2 }, { match: '*.project.weight', weight_decay: 0 }]";
        using var undisturbed = new RunInProcess(cards.Summary, every: 6, steps, groups);
        using var stopped = new RunInProcess(cards.Summary, every: 6, steps, groups);
        undisturbed.Run(workers, sharded: sharded);
        stopped.Run(workers, stopAfter: 7, sharded: sharded);
        stopped.Run(workers, stopAfter: 17, sharded: sharded);
        var atSeventeen = Weights(stopped, 17);
        stopped.Run(workers, sharded: sharded);

        Assert.Equal(Steps(undisturbed), Steps(stopped));
        Assert.Equal(undisturbed.FinalWeights, stopped.FinalWeights);
        Assert.Equal(undisturbed.FinalOptimizer, stopped.FinalOptimizer);
        var end = Weights(stopped, steps);
        Assert.Equal(atSeventeen.Keys, end.Keys);
        Assert.All(end, pair => Assert.Equal(pair.Key.StartsWith("encoder.text.", StringComparison.Ordinal), pair.Value.AsSpan().SequenceEqual(atSeventeen[pair.Key])));
        using var optimizer = SafetensorsReader.Open(Path.Combine(stopped.Folder.Checkpoint(steps), "optimizer.safetensors"));
        Assert.DoesNotContain(optimizer.Tensors, tensor => tensor.Name.Contains("encoder.text.", StringComparison.Ordinal));
        Assert.Equal(2 * (end.Count - 2), optimizer.Tensors.Count(tensor => tensor.Name.Contains("_moment.", StringComparison.Ordinal)));
    }

    [Fact]
    public void Should_GoOnAsIfItWereOne_When_TheOptimizerIsShardedOverFourThenWholeThenShardedOverThreeThenOnOneDevice()
    {
        const int steps = 40;
        using var one = new RunInProcess(cards.Summary, every: 5, steps);
        using var changing = new RunInProcess(cards.Summary, every: 5, steps);
        one.Run(workers: 1);
        changing.Run(workers: 4, sharded: true, stopAfter: 7);
        changing.Run(workers: 2, stopAfter: 18);
        changing.Run(workers: 3, sharded: true, stopAfter: 29);
        changing.Run(workers: 3, sharded: true, devices: 1);

        Assert.Equal([(1, 7), (2, 11), (3, 11), (4, 11)], changing.Metrics.CountBy(step => step.Generation).Select(pair => (pair.Key, pair.Value)));
        Assert.Equal(one.Metrics.Select(step => step.Ledger), changing.Metrics.Select(step => step.Ledger));
        Assert.All(one.Losses.Zip(changing.Losses), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
        Assert.All(one.Metrics.Zip(changing.Metrics), pair => Assert.Equal(1, pair.Second.GradientNorm / pair.First.GradientNorm, 1e-3));
    }

    [Fact]
    public void Should_TrainTheSameOverSharedMemoryToTheBitAndWithinRoundingOfWhole_When_TheOptimizerIsSharded()
    {
        const int steps = 24, workers = 3;
        using var whole = new RunInProcess(cards.Summary, every: 5, steps);
        using var local = new RunInProcess(cards.Summary, every: 5, steps);
        using var shared = new RunInProcess(cards.Summary, every: 5, steps);
        var processes = Ranks.Create("shared-memory", workers);
        whole.Run(workers);
        local.Run(workers, sharded: true);
        shared.Run(workers, sharded: true, around: group => processes[group.Rank]);
        foreach (var process in processes)
            process.Dispose();

        Assert.Equal(Steps(local), Steps(shared));
        Assert.Equal(local.FinalWeights, shared.FinalWeights);
        Assert.Equal(local.FinalOptimizer, shared.FinalOptimizer);
        Assert.All(whole.Losses.Zip(local.Losses), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    private static IEnumerable<(int Step, double Loss, double Norm, string Ledger)> Steps(RunInProcess run) =>
        run.Metrics.Select(step => (step.Step, step.Loss, step.GradientNorm, step.Ledger));

    private static Dictionary<string, byte[]> Weights(RunInProcess run, int step)
    {
        using var saved = SafetensorsReader.Open(Path.Combine(run.Folder.Checkpoint(step), "weights.safetensors"));
        return saved.Tensors.ToDictionary(tensor => tensor.Name, tensor =>
        {
            using var values = saved.Read(tensor.Name);
            return values.bytes.ToArray();
        });
    }

    /// <summary>Means over windows of 20 steps, after the first 100.</summary>
    private static IEnumerable<double> Smoothed(double[] losses) => losses.Skip(100).Chunk(20).Select(window => window.Average());
}
