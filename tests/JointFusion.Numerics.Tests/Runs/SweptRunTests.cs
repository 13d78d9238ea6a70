using JointFusion.Experiments;
using JointFusion.Training;
using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>What a sweep has a run do: end at a rung and go on, begin where another's stage ended.</summary>
public sealed class SweptRunTests : IDisposable
{
    private const int Steps = 24, StageEnd = 12;
    private static readonly SharedStage Stage = new(StageEnd, "key");

    private readonly CardSet cards = new();

    public void Dispose() => cards.Dispose();

    [Fact]
    public void Should_BeMeasuredStopAndGoOnToTheSameBits_When_ItComesToARung()
    {
        using var undisturbed = new RunInProcess(cards.Summary, every: 5, Steps);
        using var measured = new RunInProcess(cards.Summary, every: 5, Steps);
        undisturbed.Run(workers: 2);

        measured.Run(workers: 2, rung: 8);
        var value = measured.RungValue;
        Assert.Equal(8, measured.Metrics.Length);
        Assert.False(File.Exists(measured.Folder.Evaluation));
        Assert.InRange(value!.Value, 0, 1);
        measured.Run(workers: 2, rung: 8); // Nobody heard of it: it is measured again, and takes no step.
        Assert.Equal((8, value), (measured.Metrics.Length, measured.RungValue));
        measured.Run(workers: 2, rung: 15);
        Assert.Equal((15, true), (measured.Metrics.Length, File.Exists(measured.Folder.Rung(15))));
        measured.Run(workers: 2);

        Assert.Null(measured.RungValue);
        AssertSame(undisturbed, measured);
    }

    [Fact]
    public void Should_BeginWhereTheStageEndedAndEndWithTheSameBits_When_AnotherRunHasIt()
    {
        using var trainer = new RunInProcess(cards.Summary, every: 2, Steps) { Shared = [Stage] };
        using var undisturbed = new RunInProcess(cards.Summary, every: 5, Steps);
        using var adopting = new RunInProcess(cards.Summary, every: 5, Steps) { Shared = [Stage] };
        trainer.Run(workers: 2);
        undisturbed.Run(workers: 2);
        List<int> taken = [];

        adopting.Run(workers: 2, start: (trainer.Folder, StageEnd), stepTaken: taken.Add);

        Assert.Equal([StageEnd, 22, 24], new CheckpointCatalog(trainer.Folder).List().Select(entry => entry.Step).Order()); // Kept for it.
        Assert.Equal(Enumerable.Range(StageEnd + 1, Steps - StageEnd), taken);
        Assert.Equal(StageEnd, adopting.Events.Checkpoints.First());
        Assert.Empty(adopting.Events.Warnings);
        AssertSame(undisturbed, adopting);
    }

    [Fact]
    public void Should_RetireTheStagesEndAsAnyOtherCheckpoint_When_NobodyWillBeginThere()
    {
        using var trainer = new RunInProcess(cards.Summary, every: 2, Steps) { Shared = [Stage] };
        var isLetGo = false;
        List<int> asked = [];

        trainer.Run(workers: 2, stepTaken: step => isLetGo = step > StageEnd + 8, isLetGo: step =>
        {
            asked.Add(step);
            return isLetGo;
        });

        Assert.Equal([22, 24], new CheckpointCatalog(trainer.Folder).List().Select(entry => entry.Step).Order());
        Assert.All(asked, step => Assert.Equal(StageEnd, step));
        Assert.NotEmpty(asked.SkipLast(1)); // It stayed until then.
    }

    [Theory]
    [InlineData("torn")]
    [InlineData("gone")]
    [InlineData("foreign")]
    public void Should_TrainTheStageItselfAndSaySo_When_TheCheckpointCannotBeUsed(string fault)
    {
        using var trainer = new RunInProcess(cards.Summary, every: 5, Steps) { Shared = [fault == "foreign" ? Stage with { Key = "another" } : Stage] };
        using var adopting = new RunInProcess(cards.Summary, every: 5, Steps) { Shared = [Stage] };
        trainer.Run(workers: 2);
        var checkpoint = trainer.Folder.Checkpoint(StageEnd);
        if (fault == "gone")
            Directory.Delete(checkpoint, recursive: true);
        if (fault == "torn")
            File.WriteAllBytes(Path.Combine(checkpoint, "weights.safetensors"), new byte[100]);

        adopting.Run(workers: 2, start: (trainer.Folder, StageEnd));

        Assert.Contains($"The stages up to step {StageEnd} are trained here", Assert.Single(adopting.Events.Warnings), StringComparison.Ordinal);
        AssertSame(trainer, adopting);
    }

    private static void AssertSame(RunInProcess expected, RunInProcess actual)
    {
        Assert.Equal(Bits(expected), Bits(actual));
        Assert.Equal(expected.FinalWeights, actual.FinalWeights);
        Assert.Equal(expected.FinalOptimizer, actual.FinalOptimizer);
        Assert.Equal(File.ReadAllText(expected.Folder.Outcomes), File.ReadAllText(actual.Folder.Outcomes));
    }

    private static IEnumerable<(int Step, string Ledger, double Loss, double Norm)> Bits(RunInProcess run) =>
        run.Metrics.Select(step => (step.Step, step.Ledger, step.Loss, step.GradientNorm));
}
