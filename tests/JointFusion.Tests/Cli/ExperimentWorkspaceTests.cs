using JointFusion.Cli;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class ExperimentWorkspaceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Should_go_on_with_the_runs_that_a_spec_has_added_When_those_begun_are_the_same()
    {
        var path = Begin("seed: [1]");

        using var workspace = ExperimentWorkspace.Open(path).Revised(Write("seed: [1, 2], retriever.fusion: [early, score]", out var planned), planned);

        Assert.Equal(["seed1-early", "seed1-score", "seed2-early", "seed2-score"], workspace.Plans.Select(plan => plan.Run).Order(StringComparer.Ordinal));
        Assert.Equal("seed1-early", workspace.Plans[0].Run);
        Assert.All(workspace.Plans, plan => Assert.Equal(plan.PlanHash, PlanFile.Read(workspace.Folder.Run(plan.Run)).PlanHash));
    }

    [Fact]
    public void Should_refuse_a_spec_that_lacks_a_run_When_it_was_begun()
    {
        var path = Begin("seed: [1, 2]");
        var spec = Write("seed: [1], retriever.fusion: [early]", out var planned);

        var refusal = Assert.Throws<BadInputException>(() => ExperimentWorkspace.Open(path).Revised(spec, planned));

        Assert.Contains("run seed2-early: the spec has it no more", refusal.Message, StringComparison.Ordinal);
        using var free = ExperimentWorkspace.Open(path);
        Assert.Equal(2, free.Plans.Length);
    }

    [Fact]
    public void Should_take_the_task_groups_along_When_they_lie_beside_the_spec()
    {
        File.WriteAllText(folder.In(TaskGroups.FileName), "margin: 0.1");
        Assert.Equal("margin: 0.1", File.ReadAllText(new ExperimentFolder(Begin("seed: [1]")).TaskGroups));
    }

    private string Begin(string grid)
    {
        var spec = Write($"{grid}, retriever.fusion: [early]", out var planned);
        using var workspace = ExperimentWorkspace.Create(folder.In("runs"), spec, planned, _ => { });
        return workspace.Folder.Path;
    }

    private string Write(string grid, out PlannedExperiment planned)
    {
        var path = folder.In("small.yaml");
        File.WriteAllText(path, SpecTexts.WithGrid(grid));
        planned = SpecPlanner.Plan(path, new FakeDataCatalog(Plans.Data), cores: 4);
        return path;
    }
}
