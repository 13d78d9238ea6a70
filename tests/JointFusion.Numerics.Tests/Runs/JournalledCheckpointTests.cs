using JointFusion.Training;
using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>The checkpoint that the coordinator would go on from is on disk, however far the ranks train on without a word from it.</summary>
public sealed class JournalledCheckpointTests : IDisposable
{
    private const int Every = 4, Steps = 40;

    private readonly CardSet cards = new();

    public void Dispose() => cards.Dispose();

    [Fact]
    public void Should_OutliveRetention_When_NoNewerOneIsAcknowledged()
    {
        using var run = new RunInProcess(cards.Summary, Every, Steps);
        run.Run(workers: 2, journalled: () => 8);

        Assert.Equal([8, 12, 36, 40], Whole(run)); // 12 may have been journalled, with the word of it on its way
        Assert.Equal(Enumerable.Range(1, Steps / Every).Select(nth => nth * Every), run.Events.Checkpoints);
    }

    [Fact]
    public void Should_GoWithTheOthers_When_ANewerOneIsAcknowledged()
    {
        using var run = new RunInProcess(cards.Summary, Every, Steps);
        int? journalled = null;
        run.Run(workers: 2, journalled: () => journalled, stepTaken: step => journalled = step < 30 ? 8 : 28);

        Assert.Equal([28, 32, 36, 40], Whole(run));
    }

    [Fact]
    public void Should_KeepTheOneThatItResumedFrom_When_NothingIsAcknowledgedSince()
    {
        using var run = new RunInProcess(cards.Summary, Every, Steps);
        run.Run(workers: 2, stopAfter: 10);
        run.Run(workers: 2, journalled: () => null);

        Assert.Equal([10, 12, 36, 40], Whole(run));
    }

    private static int[] Whole(RunInProcess run) =>
        [.. new CheckpointCatalog(run.Folder).List().Where(entry => entry.IsWhole).Select(entry => entry.Step).Order()];
}
