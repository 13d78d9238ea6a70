using JointFusion.Cli;
using JointFusion.Experiments;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

public sealed class TrainingReplicaTests : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("jf-test-");

    public void Dispose() => root.Delete(recursive: true);

    [Fact]
    public void Should_refuse_and_name_the_way_out_when_it_does_not_see_the_runs_folder()
    {
        var folder = new RunFolder(Path.Combine(root.FullName, "nowhere"));
        Assert.Equal(
            $"{folder.Path}: rank 1 on {Environment.MachineName} does not see this folder. Every worker needs to see the same folder: put runs/ on a network share.",
            Refused(folder).Message);
    }

    [Fact]
    public void Should_refuse_when_the_plan_is_not_there_or_no_plan()
    {
        var folder = new RunFolder(root.FullName);
        Assert.StartsWith($"{folder.Plan}: rank 1 on ", Refused(folder).Message, StringComparison.Ordinal);
        File.WriteAllText(folder.Plan, "{");
        Assert.StartsWith($"{folder.Plan}: the plan cannot be read", Refused(folder).Message, StringComparison.Ordinal);
    }

    private static RefusedOrderException Refused(RunFolder folder) =>
        Assert.Throws<RefusedOrderException>(() => new TrainingReplica().Listen(new ReplicaOrder("early", 1, folder.Path, 1, 2, null, false)));
}
