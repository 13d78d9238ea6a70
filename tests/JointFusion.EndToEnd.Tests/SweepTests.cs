using System.Text.Json;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>Sweeps on real workers: rungs, stages in common, limits, and a server that is killed in the middle of one.</summary>
public sealed class SweepTests
{
    private static readonly string Data = TinySet.Create();

    [Fact]
    public async Task Should_TrainTheBestOnAsIfNeverStopped_When_RunsComeToARung()
    {
        const string grid = "grid: { 'stages[0].learning_rate': [1.0e-4, 3.0e-4, 1.0e-3, 3.0e-3] }";
        var halved = new SmallSweep(Data, $"{grid}, asha: {{ rungs: [8], reduction: 2 }}");
        var whole = new SmallSweep(Data, grid);

        var result = await halved.RunAsync();
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        Assert.Equal(0, (await whole.RunAsync()).ExitCode);

        var runs = SmallSweep.Runs(halved.Result).Select(halved.Result.Run).ToList();
        var best = runs.OrderByDescending(Value).Take(2).ToList();
        Assert.Equal(4, runs.Count);
        Assert.All(best, run => Assert.True(File.Exists(run.Evaluation)));
        Assert.InRange(runs.Count(run => File.Exists(run.Evaluation)), 2, 3); // One may be outdone after it went on.
        foreach (var run in runs)
        {
            var undisturbed = whole.Result.Run(Path.GetFileName(run.Path));
            var steps = File.Exists(run.Evaluation) ? SmallSweep.Steps : 8;
            Assert.Equal(Bits(undisturbed).Take(steps), Bits(run));
            if (steps == SmallSweep.Steps)
                AssertSameEnd(undisturbed, run);
        }
        Assert.Contains("ended early: recall ", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("--resume", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Should_TrainACommonStageOnceAndEndAsIfEachHadTrainedIt_When_ALaterOneIsSwept()
    {
        var both = new SmallSweep(Data, "grid: { 'stages[1].learning_rate': [1.0e-3, 5.0e-4] }");
        var alone = new SmallSweep(Data, "grid: { 'stages[1].learning_rate': [5.0e-4] }");

        var result = await both.RunAsync();
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        Assert.Equal(0, (await alone.RunAsync()).ExitCode);

        var (first, second) = (both.Result.Run("learning_rate1.0e-3"), both.Result.Run("learning_rate5.0e-4"));
        var undisturbed = alone.Result.Run("learning_rate5.0e-4");
        Assert.Equal(Moments(first).Take(SmallSweep.LastOfAdaptation), Moments(second).Take(SmallSweep.LastOfAdaptation)); // The very same steps.
        Assert.Equal(Enumerable.Range(1, SmallSweep.Steps), SmallExperiment.MetricsOf(second).Select(step => step.Step));
        Assert.Equal(Bits(undisturbed), Bits(second));
        AssertSameEnd(undisturbed, second);
        Assert.Equal(PlanHash(undisturbed), PlanHash(second));
        Assert.NotEqual(Bits(first), Bits(second));
    }

    [Fact]
    public async Task Should_PauseAtItsLimitAndGoOnWithAnother_When_DeviceHoursAreUsedUp()
    {
        var sweep = new SmallSweep(Data, "grid: { seed: [1, 2] }, limits: { device_hours: 0.0003 }");

        var limited = await sweep.RunAsync();

        Assert.Equal(0, limited.ExitCode);
        Assert.Contains("the 0.0003 device-hours of its sweep are used up", limited.Output, StringComparison.Ordinal);
        Assert.Contains($"To go on: jf run --resume {sweep.Result.Path}", limited.Errors, StringComparison.Ordinal);
        sweep.Write("grid: { seed: [1, 2] }, limits: { device_hours: 1 }");
        var resumed = await sweep.RunAsync("--resume", sweep.Result.Path);
        Assert.True(resumed.ExitCode == 0, resumed.Output + resumed.Errors);
        Assert.All(SmallSweep.Runs(sweep.Result), run => Assert.True(File.Exists(sweep.Result.Run(run).Evaluation)));
    }

    [Fact]
    public async Task Should_RepeatNoRun_When_TheServerIsKilledInTheMiddle_And_WhenTheSweepIsExtended()
    {
        const string six = "grid: { seed: [1, 2, 3, 4, 5, 6] }", seven = "grid: { seed: [1, 2, 3, 4, 5, 6, 7] }";
        var sweep = new SmallSweep(Data, six);
        await using var cluster = new ServedCluster(Data);
        await cluster.StartServerAsync();
        await cluster.StartAgentAsync("a", cores: Environment.ProcessorCount);
        await cluster.StartAgentAsync("b", cores: Environment.ProcessorCount);
        var submitted = await cluster.RunAsync("submit", sweep.Spec, "--name", "first");
        Assert.True(submitted.ExitCode == 0, submitted.Output + submitted.Errors);
        await cluster.StatusAsync("first", status => States(status).Count(state => state == "succeeded") >= 2);

        await ServedCluster.KillAsync(cluster.Server);
        await cluster.StartServerAsync();
        await cluster.StatusAsync("first", status => States(status).All(state => state == "succeeded"));
        var ended = await ShowAsync(cluster);

        Assert.Equal(6, ended.GetProperty("runs").GetArrayLength());
        AssertOneAttemptEach(cluster, ended);

        var refused = await cluster.RunAsync("sweep", "extend", "first", Changed(sweep, "grid: { seed: [2, 7] }"));
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("run seed1: the spec has it no more", refused.Errors, StringComparison.Ordinal);
        var extended = await cluster.RunAsync("sweep", "extend", "first", Changed(sweep, seven));
        Assert.True(extended.ExitCode == 0, extended.Output + extended.Errors);
        await cluster.StatusAsync("first", status => States(status).Count(state => state == "succeeded") == 7);

        AssertOneAttemptEach(cluster, await ShowAsync(cluster));
        var undisturbed = new SmallSweep(Data, seven);
        Assert.Equal(0, (await undisturbed.RunAsync()).ExitCode);
        Assert.All(SmallSweep.Runs(undisturbed.Result), run => AssertSame(undisturbed.Result.Run(run), cluster.Experiment("first").Run(run)));
        Assert.Matches(@"first +succeeded +7 succeeded +0\.\d+ ", (await cluster.RunAsync("sweep", "ls")).Output);
    }

    [Fact]
    public async Task Should_PromoteFromItsJournal_When_TheServerIsKilledWhileRunsAreHeld()
    {
        const string grid = "grid: { seed: [1, 2, 3, 4] }";
        var sweep = new SmallSweep(Data, $"{grid}, asha: {{ rungs: [8], reduction: 4 }}");
        await using var cluster = new ServedCluster(Data);
        await cluster.StartServerAsync();
        await cluster.StartAgentAsync("a", cores: Environment.ProcessorCount);
        var submitted = await cluster.RunAsync("submit", sweep.Spec, "--name", "first");
        Assert.True(submitted.ExitCode == 0, submitted.Output + submitted.Errors);
        await cluster.StatusAsync("first", status => States(status).Contains("held"));

        await ServedCluster.KillAsync(cluster.Server);
        await cluster.StartServerAsync();
        Assert.Equal(0, (await cluster.RunAsync("sweep", "pause", "first")).ExitCode);
        await cluster.StatusAsync("first", status => States(status).All(state => state is "paused" or "succeeded" or "pruned"));
        Assert.Equal(0, (await cluster.RunAsync("sweep", "resume", "first")).ExitCode);
        await cluster.StatusAsync("first", status => States(status).All(state => state is "succeeded" or "pruned"));
        var ended = await ShowAsync(cluster);

        Assert.Equal(["pruned", "pruned", "pruned", "succeeded"], States(ended, "run").Order());
        var runs = SmallSweep.Runs(cluster.Experiment("first")).Select(cluster.Experiment("first").Run).ToList();
        Assert.True(File.Exists(runs.MaxBy(Value)!.Evaluation));
        Assert.All(runs.Where(run => !File.Exists(run.Evaluation)), run => Assert.Equal(8, SmallExperiment.MetricsOf(run).Count));
    }

    private static async Task<JsonElement> ShowAsync(ServedCluster cluster) => JsonDocument.Parse((await cluster.RunAsync("sweep", "show", "first", "--json")).Output).RootElement;

    private static IEnumerable<string> States(JsonElement experiment, string? within = null) =>
        experiment.GetProperty("runs").EnumerateArray().Select(run => (within is null ? run : run.GetProperty(within)).GetProperty("state").GetString()!);

    private static string Changed(SmallSweep sweep, string to)
    {
        sweep.Write(to);
        return sweep.Spec;
    }

    private static void AssertOneAttemptEach(ServedCluster cluster, JsonElement sweep)
    {
        Assert.All(sweep.GetProperty("runs").EnumerateArray(), run => Assert.Equal(1, run.GetProperty("run").GetProperty("generation").GetInt32()));
        Assert.All(SmallSweep.Runs(cluster.Experiment("first")), run => Assert.Equal(
            Enumerable.Range(1, SmallSweep.Steps).Select(step => (step, 1)), cluster.Metrics("first", run).Select(step => (step.Step, step.Generation))));
    }

    private static double Value(RunFolder run)
    {
        var report = JsonSerializer.Deserialize<EvaluationReport>(File.ReadAllText(run.Rung(8)), JointFusionJson.File)!;
        return RungScore.Of(report.Rows, SweepMetric.Recall);
    }

    private static void AssertSame(RunFolder expected, RunFolder actual)
    {
        Assert.Equal(Bits(expected), Bits(actual));
        AssertSameEnd(expected, actual);
    }

    private static void AssertSameEnd(RunFolder expected, RunFolder actual)
    {
        Assert.Equal(Weights(expected), Weights(actual));
        Assert.Equal(File.ReadAllText(expected.Outcomes), File.ReadAllText(actual.Outcomes));
    }

    private static byte[] Weights(RunFolder run) => File.ReadAllBytes(Path.Combine(run.Checkpoint(SmallSweep.Steps), "weights.safetensors"));

    private static string PlanHash(RunFolder run) => JsonDocument.Parse(File.ReadAllText(run.Plan)).RootElement.GetProperty("plan_hash").GetString()!;

    private static IEnumerable<DateTimeOffset> Moments(RunFolder run) => SmallExperiment.MetricsOf(run).Select(step => step.At);

    private static IEnumerable<(int Step, string Ledger, double Loss, double Norm)> Bits(RunFolder run) =>
        SmallExperiment.MetricsOf(run).Select(step => (step.Step, step.Ledger, step.Loss, step.GradientNorm));
}
