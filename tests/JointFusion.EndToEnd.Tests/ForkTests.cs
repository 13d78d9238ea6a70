using System.Text.RegularExpressions;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>A spec that is changed after a run has begun: other resources go on, another science is refused or forks.</summary>
public sealed class ForkTests
{
    private readonly SmallExperiment experiment = new(TinySet.Create(), workers: 2, fusions: "early");

    [Fact]
    public async Task Should_TrainOnAsIfNeverStopped_When_OnlyWhatComesAfterwardsIsChanged()
    {
        var whole = await experiment.RunAsync();
        Assert.True(whole.ExitCode == 0, whole.Output + whole.Errors);
        var run = experiment.Result.Run("early");
        var from = run.Checkpoint(SmallExperiment.Steps - 5);
        Change("pools: [local, global]", "pools: [local]");

        var forked = await JfProcess.RunAsync(experiment.Folder, "run", experiment.Spec, "--fork", from, "--out", "forks");

        Assert.True(forked.ExitCode == 0, forked.Output + forked.Errors);
        var fork = new ExperimentFolder(Directory.GetDirectories(Path.Combine(experiment.Folder, "forks")).Single()).Run("early");
        Assert.Equal(Steps(run).TakeLast(5), Steps(fork));
        Assert.Equal(FinalWeights(run), FinalWeights(fork));
        Assert.True(File.Exists(fork.Evaluation));
    }

    [Fact]
    public async Task Should_GoOnWithOneWorker_When_TheSpecSaysSo_And_ListTheDifference_When_ItsScienceIsAnother()
    {
        await using (var jf = experiment.Start())
        {
            await experiment.StepTakenAsync(8);
            jf.Interrupt();
            Assert.Equal(130, (await jf.EndAsync()).ExitCode);
        }
        var folder = experiment.Result.Path;
        Change("workers: 2", "workers: 1");
        Change("steps: 48", "steps: 47");
        Change("seed: 3", "seed: 4");

        var refused = await JfProcess.RunAsync(experiment.Folder, "run", experiment.Spec, "--resume", folder);

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("run early: seed: 3 -> 4", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("run early: stages[1].steps: 48 -> 47", refused.Errors, StringComparison.Ordinal);
        Assert.Contains($"jf run {experiment.Spec} --fork {folder}", refused.Errors, StringComparison.Ordinal);

        Change("steps: 47", "steps: 48");
        Change("seed: 4", "seed: 3");
        var resumed = await JfProcess.RunAsync(experiment.Folder, "run", experiment.Spec, "--resume", folder);

        Assert.True(resumed.ExitCode == 0, resumed.Output + resumed.Errors);
        Assert.Equal(Enumerable.Range(1, SmallExperiment.Steps), experiment.Metrics().Select(step => step.Step));
        var undisturbed = new SmallExperiment(TinySet.Create(), workers: 1, fusions: "early");
        var ended = await undisturbed.RunAsync();
        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);
        Assert.Equal(undisturbed.Metrics().Select(step => step.Ledger), experiment.Metrics().Select(step => step.Ledger));
        Assert.All(undisturbed.Metrics().Zip(experiment.Metrics(), (one, other) => other.Loss - one.Loss), difference => Assert.InRange(difference, -1e-3, 1e-3));
    }

    private static byte[] FinalWeights(RunFolder run) => File.ReadAllBytes(Path.Combine(run.Checkpoint(SmallExperiment.Steps), "weights.safetensors"));

    private static IEnumerable<(int Step, double Loss, double Norm, string Ledger)> Steps(RunFolder run) =>
        SmallExperiment.MetricsOf(run).Select(step => (step.Step, step.Loss, step.GradientNorm, step.Ledger));

    private void Change(string text, string by)
    {
        var spec = File.ReadAllText(experiment.Spec);
        Assert.Single(Regex.Matches(spec, Regex.Escape(text)));
        File.WriteAllText(experiment.Spec, spec.Replace(text, by, StringComparison.Ordinal));
    }
}
