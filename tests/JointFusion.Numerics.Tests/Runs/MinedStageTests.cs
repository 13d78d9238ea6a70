using JointFusion.Retrieval;
using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>A stage that mines its negatives when it begins goes on with the same ones, wherever it was stopped and on however many workers.</summary>
public sealed class MinedStageTests : IDisposable
{
    private const int Steps = 24;
    private const int FirstOfStage = 13;

    private readonly CardSet cards = new();

    public void Dispose() => cards.Dispose();

    [Fact]
    public void Should_EndWithTheSameBits_When_StoppedWithinTheStage()
    {
        using var undisturbed = NewRun();
        using var stopped = NewRun();
        undisturbed.Run(workers: 2);
        stopped.Run(workers: 2, stopAfter: 17);
        stopped.Run(workers: 2);

        Assert.Equal(undisturbed.Metrics.Select(step => (step.Loss, step.Ledger)), stopped.Metrics.Select(step => (step.Loss, step.Ledger)));
        Assert.Equal(undisturbed.FinalWeights, stopped.FinalWeights);
    }

    [Fact]
    public void Should_DrawFromTheFileAndNotMineAnew_When_TheWorkersChange()
    {
        using var undisturbed = NewRun();
        using var changing = NewRun();
        undisturbed.Run(workers: 2);
        changing.Run(workers: 2, stopAfter: 15);
        var mined = File.ReadAllBytes(Mined(changing));
        changing.Run(workers: 3);

        Assert.Equal(mined, File.ReadAllBytes(Mined(changing)));
        Assert.Equal(undisturbed.Metrics.Select(step => step.Ledger), changing.Metrics.Select(step => step.Ledger));
        Assert.Equal(128 + 1, File.ReadLines(Mined(changing)).Count());
    }

    [Fact]
    public void Should_NameTheFileAndTheWayOut_When_ItIsTornWithinTheStage()
    {
        using var run = NewRun();
        run.Run(workers: 1, stopAfter: 17);
        using (var file = File.OpenWrite(Mined(run)))
            file.SetLength(file.Length - 3);

        var refused = Assert.Throws<InvalidOperationException>(() => run.Run(workers: 1)).InnerException;
        Assert.IsType<CheckpointException>(refused);
        Assert.StartsWith(Mined(run), refused.Message, StringComparison.Ordinal);
        Assert.Contains($"checkpoint of step {FirstOfStage - 1}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_MineAnew_When_TheFileIsTornAndTheStageHasNotBegun()
    {
        using var run = NewRun();
        run.Run(workers: 1, stopAfter: 12);
        File.WriteAllText(Mined(run), "{\"stage\":\"instr");
        run.Run(workers: 1);
        Assert.Equal(Steps, run.Metrics.Length);
    }

    private RunInProcess NewRun() => new(cards.Summary, every: 6, Steps, stageOptions: ", mined_negatives: { per_query: 2, from_top: 20 }");

    private static string Mined(RunInProcess run) => run.Folder.MinedNegatives("instruction");
}
