using System.Text.Json;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>A server whose journal is lost in mid-sweep goes on from what the run folders say, while its agent's workers live.</summary>
public sealed class RebuildTests : IAsyncLifetime
{
    private static readonly string Data = TinySet.Create();

    private readonly ServedCluster cluster = new(Data);
    private readonly SmallExperiment experiment = new(Data, workers: 1, fusions: "early, score, feature");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Journal => Path.Combine(cluster.Folder, "root", "journal.db");

    public async ValueTask InitializeAsync() => await cluster.StartServerAsync();

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Fact]
    public async Task Should_RepeatNoFinishedRunAndEndWithTheSameBits_When_TheJournalIsLostInMidSweep()
    {
        var undisturbed = new SmallExperiment(Data, workers: 1, fusions: "early, score, feature");
        var ended = await undisturbed.RunAsync();
        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);
        await cluster.StartAgentAsync("a", cores: Environment.ProcessorCount);
        Assert.Equal(0, (await cluster.RunAsync("submit", experiment.Spec, "--name", "sweep")).ExitCode);
        var running = await DoctorAsync("--rebuild", "root");
        await cluster.StatusAsync("sweep/early", IsOver);
        await cluster.StepTakenAsync("sweep", 7, "score");

        await ServedCluster.KillAsync(cluster.Server);
        var finished = File.GetLastWriteTimeUtc(cluster.Experiment("sweep").Run("early").Outcomes);
        LoseJournal();
        var rebuilt = await DoctorAsync("--rebuild", "root"); // At once: the worker trains on meanwhile.
        var kept = await DoctorAsync("--rebuild", "root");
        await cluster.StartServerAsync();
        await cluster.StatusAsync("sweep/feature", IsOver);
        var score = await cluster.StatusAsync("sweep/score", IsOver);

        Assert.Equal(2, running.ExitCode);
        Assert.Contains("another jf serve works on it", running.Errors, StringComparison.Ordinal);
        Assert.Equal(2, kept.ExitCode);
        Assert.Contains("it holds events already", kept.Errors, StringComparison.Ordinal);
        Assert.True(rebuilt.ExitCode == 0, rebuilt.Output + rebuilt.Errors);
        Assert.Contains("sweep/early: succeeded", rebuilt.Output, StringComparison.Ordinal);
        Assert.Matches("sweep/score: goes on from its checkpoint at step \\d+", rebuilt.Output);
        Assert.Contains("sweep/feature: begins anew", rebuilt.Output, StringComparison.Ordinal);
        Assert.Equal(finished, File.GetLastWriteTimeUtc(cluster.Experiment("sweep").Run("early").Outcomes));
        Assert.All(cluster.Metrics("sweep", "early"), step => Assert.Equal(1, step.Generation));
        Assert.True(score.GetProperty("run").GetProperty("generation").GetInt32() > 100);
        foreach (var run in (string[])["early", "score", "feature"])
        {
            Assert.Equal(undisturbed.Metrics(run).Select(Bits), cluster.Metrics("sweep", run).Select(Bits));
            Assert.Equal(
                await File.ReadAllTextAsync(undisturbed.Result.Run(run).Outcomes, Cancel), await File.ReadAllTextAsync(cluster.Experiment("sweep").Run(run).Outcomes, Cancel));
        }
    }

    [Fact]
    public async Task Should_KnowWhatTheServerKnew_When_ACopyTakenWhileItRanReplacesTheJournal()
    {
        await cluster.RunAsync("submit", experiment.Spec, "--name", "sweep");
        await cluster.RunAsync("pause", "sweep/score");

        var copied = await DoctorAsync("--backup", "copy.db", "--root", "root");
        await cluster.RunAsync("cancel", "sweep/feature");
        await ServedCluster.KillAsync(cluster.Server);
        LoseJournal();
        File.Move(Path.Combine(cluster.Folder, "copy.db"), Journal);
        await cluster.StartServerAsync();
        var status = JsonDocument.Parse((await cluster.RunAsync("status", "sweep", "--json")).Output).RootElement;

        Assert.True(copied.ExitCode == 0, copied.Output + copied.Errors);
        Assert.Contains("copy.db: 6 events", copied.Output, StringComparison.Ordinal); // The term, the sweep, three submissions and a pause.
        Assert.Equal(
            [("sweep/early", "queued"), ("sweep/score", "paused"), ("sweep/feature", "queued")],
            status.GetProperty("runs").EnumerateArray().Select(run => (run.GetProperty("name").GetString(), run.GetProperty("state").GetString())));
    }

    [Fact]
    public async Task Should_LeavePausedCancelledPrioritisedAndDrainedWhatTheyAreAndHoursUsed_When_TheJournalIsLost()
    {
        await cluster.StartAgentAsync("a", cores: Environment.ProcessorCount);
        Assert.Equal(0, (await cluster.RunAsync("submit", experiment.Spec, "--name", "sweep")).ExitCode);
        await cluster.StepTakenAsync("sweep", 7);
        await cluster.RunAsync("priority", "-2", "sweep/feature");
        await cluster.RunAsync("pause", "sweep/early");
        var paused = await cluster.StatusAsync("sweep/early", IsOver);
        await cluster.RunAsync("cancel", "sweep/score");
        await cluster.StatusAsync("sweep/score", status => StateOf(status) == "cancelled");
        var drained = await cluster.RunAsync("node", "drain", "a");
        Assert.True(drained.ExitCode == 0, drained.Output + drained.Errors);
        await cluster.StatusAsync("sweep/feature", status => StateOf(status) is "preempted" or "queued");
        var before = await UsedHoursAsync();
        await cluster.NotedAsync(cluster.Experiment("sweep").Run("score").Standing, "cancelled");
        await cluster.NotedAsync(cluster.Experiment("sweep").Run("feature").Standing, "\"priority\": -2");
        await cluster.NotedAsync(Path.Combine(cluster.Folder, "root", "room.json"), "\"a\"");
        await ServedCluster.KillAsync(cluster.Server);
        LoseJournal();

        var rebuilt = await DoctorAsync("--rebuild", "root");
        await cluster.StartServerAsync();
        var early = await cluster.StatusAsync("sweep/early", IsOver);
        var score = await cluster.StatusAsync("sweep/score", status => true);
        var feature = await cluster.StatusAsync("sweep/feature", status => true);
        var after = await UsedHoursAsync();
        await cluster.AnswerAsync("/api/v1/nodes", nodes => nodes.EnumerateArray().Any(node => node.GetProperty("is_draining").GetBoolean())); // Once its agent has joined again.

        Assert.True(rebuilt.ExitCode == 0, rebuilt.Output + rebuilt.Errors);
        Assert.Contains("sweep/early: paused (paused by ", rebuilt.Output, StringComparison.Ordinal);
        Assert.Contains("Not known any more: ", rebuilt.Output, StringComparison.Ordinal);
        Assert.Equal(("paused", ReasonOf(paused)), (StateOf(early), ReasonOf(early)));
        Assert.Equal("cancelled", StateOf(score));
        Assert.Matches("sweep/feature: .*, at priority -2", rebuilt.Output);
        Assert.Equal((0, 0, -2), (PriorityOf(early), PriorityOf(score), PriorityOf(feature)));
        Assert.StartsWith("cancelled by ", ReasonOf(score), StringComparison.Ordinal);
        Assert.True(before > 0 && after >= before * 0.99, $"{before} h before, {after} h after");
        await cluster.RunAsync("node", "undrain", "a");
        await cluster.RunAsync("resume", "sweep/early");
        await cluster.RunAsync("resume", "sweep/score");
        Assert.All([await cluster.StatusAsync("sweep/feature", IsOver), await cluster.StatusAsync("sweep/early", IsOver), await cluster.StatusAsync("sweep/score", IsOver)],
            status => Assert.Equal("succeeded", StateOf(status)));
    }

    private void LoseJournal()
    {
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(Journal)!, "journal.db*"))
            File.Delete(file);
    }

    private async Task<double> UsedHoursAsync() =>
        JsonDocument.Parse((await cluster.RunAsync("sweep", "show", "sweep", "--json")).Output).RootElement.GetProperty("used_hours").GetDouble();

    private static string? StateOf(JsonElement status) => status.GetProperty("run").GetProperty("state").GetString();

    private static int PriorityOf(JsonElement status) => status.GetProperty("run").GetProperty("priority").GetInt32();

    private static string? ReasonOf(JsonElement status) => status.GetProperty("run").GetProperty("reason").GetString();

    private Task<JfResult> DoctorAsync(params IEnumerable<string> arguments) => JfProcess.RunAsync(cluster.Folder, ["doctor", .. arguments]);

    private static bool IsOver(JsonElement status) => StateOf(status) is "succeeded" or "failed" or "paused";

    private static (int Step, string Ledger, double Loss, double Norm) Bits(StepMetrics step) => (step.Step, step.Ledger, step.Loss, step.GradientNorm);
}
