using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>A rank that does not go on is named in the run's status, with its process, so that a user knows what to look at.</summary>
[Collection(Undisturbed.Name)]
public sealed class StuckRankTests(UndisturbedRun undisturbed) : IClassFixture<UndisturbedRun>
{
    private const int Sigkill = 9;
    private const int Sigcont = 18;
    private const int Sigstop = 19;

    /// <summary>From the signal to the line on the terminal.</summary>
    private static readonly TimeSpan Named = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Should_NameTheStoppedProcessAndGoOn_When_ItIsContinued()
    {
        var experiment = new SmallExperiment(undisturbed.Data, workers: 2, fusions: "early");
        await using var jf = experiment.Start();
        await experiment.StepTakenAsync(9);
        var victim = SmallExperiment.Workers(jf.Id)[0];
        JfProcess.Signal(victim, Sigstop);
        var since = Stopwatch.GetTimestamp();
        var told = await jf.LineAsync("early: training (rank ");
        Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, Named);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"(pid {victim}, local/"), told, StringComparison.Ordinal);
        Assert.Contains("is silent since ", told, StringComparison.Ordinal);
        JfProcess.Signal(victim, Sigcont);
        var ended = await jf.EndAsync();
        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);
        Assert.All(experiment.Metrics(), step => Assert.Equal(1, step.Generation));
    }

    [Fact]
    public async Task Should_NameTheDeadRank_When_ItIsKilled()
    {
        var experiment = new SmallExperiment(undisturbed.Data, workers: 2, fusions: "early");
        await using var jf = experiment.Start();
        await experiment.StepTakenAsync(9);
        var victim = SmallExperiment.Workers(jf.Id)[1];
        JfProcess.Signal(victim, Sigkill);
        var since = Stopwatch.GetTimestamp();
        await jf.LineAsync("early: recovering (rank ", string.Create(CultureInfo.InvariantCulture, $"crashed: worker process {victim} "));
        Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, Named);
    }
}
