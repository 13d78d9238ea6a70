using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class ReportVerbTests : IDisposable
{
    private readonly CliRun cli = new();
    private readonly SmallSet data = new();

    public void Dispose()
    {
        cli.Dispose();
        data.Dispose();
    }

    [Fact]
    public async Task Should_write_what_there_is_so_far_When_a_run_has_no_evaluation_yet()
    {
        using var experiment = new TemporaryExperiment(Runs());
        File.Delete(experiment.Folder.Run("late2").Evaluation);

        Assert.Equal(0, await cli.Jf("report", experiment.Folder.Path));

        Assert.Contains("1 run of 4 without evaluation", await File.ReadAllTextAsync(experiment.Folder.Report, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains($"Report:  {experiment.Folder.Report}", cli.Out, StringComparison.Ordinal);
        Assert.All([experiment.Folder.Results, experiment.Folder.Study, experiment.Folder.Report], file => Assert.True(File.Exists(file), file));
    }

    [Fact]
    public async Task Should_name_place_and_fault_When_the_users_groups_are_wrong()
    {
        using var experiment = new TemporaryExperiment(Runs());
        await File.WriteAllTextAsync(experiment.Folder.TaskGroups, "{ margin: 0.03, groupes: [] }", TestContext.Current.CancellationToken);

        Assert.Equal(2, await cli.Jf("report", experiment.Folder.Path));

        Assert.Contains($"{experiment.Folder.TaskGroups}:1:17: groupes: unknown key", cli.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(experiment.Folder.Report));
    }

    [Fact]
    public async Task Should_refuse_a_folder_without_runs()
    {
        Assert.Equal(2, await cli.Jf("report", data.Root));
        Assert.Contains($"{data.Root}: not an experiment's folder", cli.Error, StringComparison.Ordinal);
    }

    private FixtureRun[] Runs() =>
    [
        .. from seed in (int[])[1, 2]
           from run in SampleExperiment.Runs().Take(2)
           select run with { Name = (run.Fusion == Fusion.Early ? "early" : "late") + seed, Seed = seed, Splits = ["test"], DataRoot = data.Root },
    ];
}
