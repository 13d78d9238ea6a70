using System.Text.Json;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>The whole program as its user runs it: real processes, a real journal, real sockets.</summary>
public sealed class RunTests(UndisturbedRun undisturbed) : IClassFixture<UndisturbedRun>
{
    private const int Sigkill = 9;

    [Fact]
    public void Should_LeaveResultsAndReport_When_ExperimentEnds()
    {
        var folder = undisturbed.Experiment.Result;
        using var results = JsonDocument.Parse(File.ReadAllText(folder.Results));
        Assert.Equal(1, results.RootElement.GetProperty("schema").GetInt32());
        var rows = results.RootElement.GetProperty("rows").Deserialize<ResultRow[]>(JointFusionJson.File)!;
        Assert.Equal(["early", "feature", "pixels", "score"], rows.Select(row => row.Fusion).Distinct().Order());
        Assert.Equal([PoolKind.Local, PoolKind.Global], rows.Select(row => row.Pool).Distinct());
        Assert.Equal([0, 3, 7], rows.Select(row => row.Task).Distinct().Order());
        Assert.All(rows, row => Assert.InRange(row.Value, row.CiLow, row.CiHigh));
        Assert.Contains("</html>", File.ReadAllText(folder.Report), StringComparison.Ordinal);
        foreach (var run in (string[])["early", "score", "feature"])
            Assert.Equal(SmallExperiment.Steps, undisturbed.Experiment.Metrics(run).Count);
    }

    [Fact]
    public void Should_SeeTheSameBatches_When_FusionDiffers() =>
        Assert.Single(((string[])["early", "score", "feature"]).Select(run => undisturbed.Experiment.Metrics(run)[^1].Ledger).Distinct());

    [Fact]
    public async Task Should_EndWithTheSameLosses_When_AWorkerIsKilled()
    {
        var experiment = new SmallExperiment(undisturbed.Data, workers: 2, fusions: "early");
        await using var jf = experiment.Start();
        await experiment.StepTakenAsync(14);
        JfProcess.Signal(SmallExperiment.Workers(jf.Id)[0], Sigkill);
        var ended = await jf.EndAsync();
        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);
        Assert.Contains("recovering", ended.Output, StringComparison.Ordinal);
        AssertSameTraining(undisturbed.Experiment.Metrics(), experiment.Metrics());
        Assert.Contains(experiment.Metrics(), step => step.Generation > 1);
        AssertSameOutcomes(undisturbed.Experiment, experiment);
        if (Directory.Exists("/dev/shm")) Assert.Empty(Directory.GetFiles("/dev/shm", "jointfusion-*"));
    }

    [Fact]
    public async Task Should_CheckpointAndGoOn_When_Interrupted()
    {
        var experiment = new SmallExperiment(undisturbed.Data, workers: 2, fusions: "early");
        IReadOnlyList<int> workers;
        await using (var jf = experiment.Start())
        {
            await experiment.StepTakenAsync(8);
            workers = SmallExperiment.Workers(jf.Id);
            jf.Interrupt();
            var stopped = await jf.EndAsync();
            Assert.Equal(130, stopped.ExitCode);
            Assert.Contains("--resume", stopped.Errors, StringComparison.Ordinal);
        }
        Assert.Equal(2, workers.Count);
        Assert.DoesNotContain(workers, SmallExperiment.IsAlive);
        Assert.Equal(["runs", "small.yaml"], Directory.GetFileSystemEntries(experiment.Folder).Select(Path.GetFileName).Order());
        Assert.True(experiment.Metrics().Count < SmallExperiment.Steps);

        var resumed = await JfProcess.RunAsync(experiment.Folder, "run", "--resume", experiment.Result.Path);
        Assert.True(resumed.ExitCode == 0, resumed.Output + resumed.Errors);
        AssertSameTraining(undisturbed.Experiment.Metrics(), experiment.Metrics());
    }

    [Fact]
    public async Task Should_TrainTheSame_When_WorldSizeDiffersAndTwoRunSideBySide()
    {
        var alone = new SmallExperiment(undisturbed.Data, workers: 1, fusions: "early");
        var beside = new SmallExperiment(undisturbed.Data, workers: 1, fusions: "early");
        var ended = await Task.WhenAll(alone.RunAsync(), beside.RunAsync());
        Assert.All(ended, result => Assert.True(result.ExitCode == 0, result.Output + result.Errors));
        AssertSameTraining(alone.Metrics(), beside.Metrics());
        var two = undisturbed.Experiment.Metrics();
        var one = alone.Metrics();
        Assert.Equal(two.Select(step => step.Ledger), one.Select(step => step.Ledger));
        Assert.Equal(two.Select(step => step.MaskedByDataSet.AsEnumerable()), one.Select(step => step.MaskedByDataSet.AsEnumerable()));
        Assert.All(two, step => Assert.Equal(step.MaskedNegatives, step.MaskedByDataSet.Values.Sum()));
        Assert.Contains(two, step => step.MaskedNegatives > 0);
        Assert.All(two.Take(20).Select((step, i) => step.Loss / one[i].Loss), ratio => Assert.InRange(ratio, 1 - 1e-4, 1 + 1e-4));
    }

    [Fact]
    public async Task Should_ListEveryFaultAndCreateNothing_When_SpecIsWrong()
    {
        var folder = TestPaths.NewFolder("faults");
        await File.WriteAllTextAsync(Path.Combine(folder, "bad.yaml"), """
            name: bad
            seed: seven
            data: { source: icons }
            retriever: { preset: nanoo, fusion: early }
            stages:
              - { name: a, tasks: [5], steps: -1, global_batch: 8, learnin_rate: 1.0e-3, learning_rate: 1.0e-3 }
            """, TestContext.Current.CancellationToken);
        var result = await JfProcess.RunAsync(folder, "run", "bad.yaml");
        Assert.Equal(2, result.ExitCode);
        var faults = result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(5, faults.Length);
        Assert.All(faults, fault => Assert.Matches(@"^bad\.yaml:\d+:\d+: [\w.\[\]]+: ", fault));
        Assert.Equal(["bad.yaml"], Directory.GetFileSystemEntries(folder).Select(Path.GetFileName));
    }

    private static void AssertSameOutcomes(SmallExperiment expected, SmallExperiment actual) =>
        Assert.Equal(File.ReadAllText(expected.Result.Run("early").Outcomes), File.ReadAllText(actual.Result.Run("early").Outcomes));

    /// <summary>To the last digit.</summary>
    private static void AssertSameTraining(IReadOnlyList<StepMetrics> expected, IReadOnlyList<StepMetrics> actual)
    {
        Assert.Equal(expected.Select(step => (step.Step, step.Ledger)), actual.Select(step => (step.Step, step.Ledger)));
        Assert.Equal(expected.Select(step => (step.Loss, step.GradientNorm)), actual.Select(step => (step.Loss, step.GradientNorm)));
    }
}
