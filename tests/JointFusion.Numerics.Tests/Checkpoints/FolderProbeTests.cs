using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;
using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>A folder that some rank cannot use is found out before a step is taken.</summary>
public sealed class FolderProbeTests : IDisposable
{
    private const int Ranks = 3, Generation = 2;

    private readonly TemporaryFolder root = new();
    private readonly RecordedEvents events = new(_ => { });

    public void Dispose() => root.Dispose();

    [Fact]
    public void Should_LeaveNothingBehind_When_AllIsWell()
    {
        var folder = NewFolder("shared");
        Probe(_ => folder);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Checkpoints));
        Assert.Empty(events.Warnings);
    }

    [Fact]
    public void Should_RefuseAndNameTheRank_When_ItsFolderIsAnotherOfTheSameName()
    {
        var (shared, other) = (NewFolder("shared"), NewFolder("other"));
        var refused = Refused(rank => rank == 2 ? other : shared);

        Assert.Equal(other.Checkpoints, refused.Path);
        Assert.StartsWith($"rank 2 on {Environment.MachineName} does not see what rank 0 has just written here", refused.Cause, StringComparison.Ordinal);
        Assert.EndsWith("Every worker needs to see the same folder: put runs/ on a network share.", refused.Cause, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(shared.Checkpoints));
        Assert.Equal([other.Plan], Directory.GetFileSystemEntries(other.Path));
    }

    [Fact]
    public void Should_RefuseAndNameTheRank_When_ItSeesNoFolderOrNoPlan()
    {
        var (shared, bare) = (NewFolder("shared"), NewFolder("bare"));
        File.Delete(bare.Plan);
        var noFolder = Refused(rank => rank == 1 ? new RunFolder(root["nowhere"]) : shared);
        var noPlan = Refused(rank => rank == 1 ? bare : shared);

        Assert.Equal((root["nowhere"], bare.Plan), (noFolder.Path, noPlan.Path));
        Assert.All([noFolder, noPlan], refused => Assert.StartsWith("rank 1 on ", refused.Cause, StringComparison.Ordinal));
        Assert.All([noFolder, noPlan], refused => Assert.EndsWith("put runs/ on a network share.", refused.Cause, StringComparison.Ordinal));
    }

    [Fact]
    public void Should_RefuseAndSayWhy_When_AFileIsInTheFoldersPlace()
    {
        var folder = NewFolder("shared");
        File.WriteAllText(folder.Checkpoints, "");
        var refused = Refused(_ => folder);
        Assert.Equal(folder.Checkpoints, refused.Path);
        Assert.StartsWith("rank 0 on ", refused.Cause, StringComparison.Ordinal);
        Assert.Contains("already exists", refused.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)] // create
    [InlineData(2)] // create
    [InlineData(3)] // write
    [InlineData(4)] // sync
    [InlineData(5)] // rename
    [InlineData(6)] // sync
    [InlineData(7)] // delete
    public void Should_RefuseAndCleanUpNextTime_When_TheDiskRefusesAStep(int operation)
    {
        var folder = NewFolder("shared");
        var refused = Refused(_ => folder, new FaultyDisk(operation, killed: false));
        Assert.StartsWith("rank 0 on ", refused.Cause, StringComparison.Ordinal);
        Assert.Contains("No space left on device", refused.Cause, StringComparison.Ordinal);

        Probe(_ => folder, generation: Generation + 1);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Checkpoints));
    }

    [Fact]
    public void Should_WarnWithFigures_When_TwoCheckpointsDoNotFit()
    {
        var folder = NewFolder("shared");
        Probe(_ => folder, new FullDisk(() => 3 << 20), checkpointBytes: 2 << 20);
        Assert.Equal(
            $"{folder.Checkpoints}: 3.0 MiB are free, and two checkpoints take 4.0 MiB. Make room, or one may not be written.", Assert.Single(events.Warnings));
    }

    private CheckpointException Refused(Func<int, RunFolder> folderOf, IDisk? disk = null)
    {
        var failure = Assert.Throws<InvalidOperationException>(() => Probe(folderOf, disk));
        return Assert.IsType<CheckpointException>(failure.InnerException);
    }

    private void Probe(Func<int, RunFolder> folderOf, IDisk? disk = null, int generation = Generation, long checkpointBytes = 1) =>
        RankThreads.Run(Ranks, group => new FolderProbe(folderOf(group.Rank), generation, group, events, disk).Check(checkpointBytes));

    private RunFolder NewFolder(string name)
    {
        var folder = new RunFolder(root[name]);
        Directory.CreateDirectory(folder.Path);
        File.WriteAllText(folder.Plan, "{}");
        return folder;
    }
}
