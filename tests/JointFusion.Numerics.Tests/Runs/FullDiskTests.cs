using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;
using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>A disk that fills up under a run: training goes on, what was whole stays whole, and the run says what is missing.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const int Steps = 20, Every = 4;
    private const long TooLittle = 1 << 20; // the weights alone are larger
    private readonly CardSet cards = new();

    public void Dispose() => cards.Dispose();

    [Fact]
    public void Should_TrainOnAndKeepWhatIsWhole_When_ACheckpointDoesNotFit()
    {
        using var undisturbed = new RunInProcess(cards.Summary, Every, Steps);
        using var run = new RunInProcess(cards.Summary, Every, Steps);
        undisturbed.Run(workers: 2);
        var entries = new List<(int Step, ImmutableArray<int> Whole)>();
        var step = 0;
        var disk = new FullDisk(() => step is >= 7 and < 15 ? TooLittle : long.MaxValue); // when steps 8, 10 (a stage's last) and 12 are written
        run.Run(workers: 2, disk: disk, stepTaken: taken =>
        {
            if (taken == 7) Until(() => Whole(run).Contains(4));
            if (taken == 15) Until(() => run.Events.Warnings.Count == 3);
            if (taken is 11 or 15) entries.Add((taken, Whole(run)));
            step = taken;
        });

        Assert.Equal([8, 10, 12], run.Events.Warnings.Select(warning => int.Parse(warning.Split("checkpoint of step ")[1].Split(' ')[0])));
        Assert.All(run.Events.Warnings, warning => Assert.EndsWith("No space left on device", warning, StringComparison.Ordinal));
        Assert.All(entries, entry => Assert.Equal([4], entry.Whole));
        Assert.Equal([4, 16, 20], run.Events.Checkpoints);
        Assert.Equal([20, 16], Whole(run));
        Assert.Empty(Directory.GetDirectories(run.Folder.Checkpoints, ".tmp-*"));
        Assert.Equal(undisturbed.Losses, run.Losses);
        Assert.Equal(undisturbed.FinalWeights, run.FinalWeights);
    }

    [Fact]
    public void Should_FailAndGoOnFromTheOneBefore_When_TheLastCheckpointDoesNotFit()
    {
        using var undisturbed = new RunInProcess(cards.Summary, Every, Steps);
        using var run = new RunInProcess(cards.Summary, Every, Steps);
        undisturbed.Run(workers: 1);
        var step = 0;
        var failure = Assert.ThrowsAny<Exception>(() => run.Run(workers: 1, disk: new FullDisk(() => step >= 19 ? TooLittle : long.MaxValue), stepTaken: taken =>
        {
            if (taken == 19) Until(() => Whole(run).Contains(16));
            step = taken;
        }));
        Assert.Contains("No space left on device", Assert.IsType<CheckpointException>(failure.InnerException).Message, StringComparison.Ordinal);
        Assert.Equal([16, 12], Whole(run));
        run.Run(workers: 1);
        Assert.Equal(undisturbed.Losses, run.Losses);
        Assert.Equal(undisturbed.FinalWeights, run.FinalWeights);
    }

    [Fact]
    public void Should_KeepLinesWholeAndInOrder_When_MetricsDoNotFitForAWhile()
    {
        using var bytes = new MemoryStream();
        var room = long.MaxValue;
        using var log = new MetricsLog(new FullStream(bytes, () => room));
        log.Append(Metrics(1));
        var one = bytes.Length;
        room = one + 10;
        log.Append(Metrics(2));
        log.Append(Metrics(3));
        Assert.Equal("No space left on device", log.Fault?.Message);
        Assert.Equal(one, bytes.Length);
        room = long.MaxValue;
        log.Append(Metrics(4));
        Assert.Null(log.Fault);
        var lines = Encoding.UTF8.GetString(bytes.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal([1, 2, 3, 4], lines.Select(line => JsonSerializer.Deserialize<StepMetrics>(line, JointFusionJson.Line)!.Step));
    }

    private static ImmutableArray<int> Whole(RunInProcess run) =>
        [.. new CheckpointCatalog(run.Folder).List().Where(entry => entry.IsWhole).Select(entry => entry.Step)];

    private static void Until(Func<bool> holds) => Assert.True(SpinWait.SpinUntil(holds, Ranks.Patience));

    private static StepMetrics Metrics(int step) => new()
    {
        Run = "early",
        Generation = 1,
        Stage = "adaptation",
        Step = step,
        Loss = 1,
        Accuracy = 0,
        GradientNorm = 1,
        LearningRate = 1,
        Temperature = 1,
        Ledger = "",
        PairsPerSecond = 1,
        MaskedNegatives = 0,
        Seconds = new StepSeconds(1, 0, 0, 0, 0, 0, 0),
        ResidentBytes = 1,
        At = default,
    };
}
