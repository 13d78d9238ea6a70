using System.Text.Json;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>A server and its agents as separate processes, and what becomes of a run when one of them dies.</summary>
public sealed class ServeTests(UndisturbedRun undisturbed) : IClassFixture<UndisturbedRun>, IAsyncLifetime
{
    private readonly ServedCluster cluster = new(undisturbed.Data);
    private readonly SmallExperiment experiment = new(undisturbed.Data, workers: 2, fusions: "early");

    public async ValueTask InitializeAsync() => await cluster.StartServerAsync();

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Fact]
    public async Task Should_EndAsARunOfOneProcess_When_TwoAgentsTrainIt()
    {
        await cluster.StartAgentAsync("a");
        await cluster.StartAgentAsync("b");

        var submitted = await cluster.RunAsync("submit", experiment.Spec, "--name", "first", "--wait");

        Assert.True(submitted.ExitCode == 0, submitted.Output + submitted.Errors);
        AssertSameAsUndisturbed("first");
        using var results = JsonDocument.Parse(await File.ReadAllTextAsync(cluster.Experiment("first").Results, TestContext.Current.CancellationToken));
        Assert.NotEmpty(results.RootElement.GetProperty("rows").EnumerateArray());
        Assert.EndsWith("</html>", (await File.ReadAllTextAsync(cluster.Experiment("first").Report, TestContext.Current.CancellationToken)).TrimEnd(), StringComparison.Ordinal);

        var again = await cluster.RunAsync("submit", experiment.Spec, "--name", "first", "--json");
        var run = Assert.Single(JsonDocument.Parse(again.Output).RootElement.GetProperty("runs").EnumerateArray());
        Assert.Equal(("succeeded", 1), (run.GetProperty("state").GetString(), run.GetProperty("generation").GetInt32()));
    }

    [Fact]
    public async Task Should_TrainOnAndBeTakenUp_When_TheServerIsKilledAndStartedAgain()
    {
        var agents = new[] { await cluster.StartAgentAsync("a"), await cluster.StartAgentAsync("b") };
        await SubmitAsync("first");
        await cluster.StepTakenAsync("first", 5);
        var workers = agents.SelectMany(agent => SmallExperiment.Workers(agent.Id)).ToArray();

        await ServedCluster.KillAsync(cluster.Server);
        var stepsAtDeath = cluster.Metrics("first").Count;
        Assert.True(stepsAtDeath < SmallExperiment.Steps);
        await cluster.StepTakenAsync("first", stepsAtDeath + 3);
        await cluster.StartServerAsync();
        var status = await cluster.StatusAsync("first/early", IsOver);

        Assert.Equal(2, workers.Length);
        Assert.Equal(workers, agents.SelectMany(agent => SmallExperiment.Workers(agent.Id)));
        Assert.Equal(("succeeded", 1), (status.GetProperty("run").GetProperty("state").GetString(), status.GetProperty("run").GetProperty("generation").GetInt32()));
        AssertSameAsUndisturbed("first");
        Assert.All(cluster.Metrics("first"), step => Assert.Equal(1, step.Generation));
    }

    [Fact]
    public async Task Should_GoOnElsewhere_When_AnAgentIsKilled()
    {
        await cluster.StartAgentAsync("a");
        var victim = await cluster.StartAgentAsync("b");
        await SubmitAsync("first");
        await cluster.StepTakenAsync("first", 14);

        await ServedCluster.KillAsync(victim); // Before the other is started, or training might be over by then.
        await cluster.StartAgentAsync("c");
        var status = await cluster.StatusAsync("first/early", IsOver);

        Assert.Equal("succeeded", status.GetProperty("run").GetProperty("state").GetString());
        AssertSameAsUndisturbed("first");
        Assert.Contains(cluster.Metrics("first"), step => step.Generation > 1);
        var nodes = await cluster.RunAsync("node", "ls", "--json");
        Assert.Equal(["a", "c"], JsonDocument.Parse(nodes.Output).RootElement.EnumerateArray().Select(node => node.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Should_CheckpointAndGoOnWhenItIsBack_When_AnAgentIsInterrupted()
    {
        var agent = await cluster.StartAgentAsync("a", workers: 2);
        await SubmitAsync("first");
        await cluster.StepTakenAsync("first", 8);
        var workers = SmallExperiment.Workers(agent.Id);

        agent.Interrupt();
        var ended = await agent.EndAsync();
        var stepsAtEnd = cluster.Metrics("first").Count;
        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);
        Assert.DoesNotContain(workers, SmallExperiment.IsAlive);
        var waiting = await cluster.StatusAsync("first/early", status => status.GetProperty("run").GetProperty("state").GetString() == "recovering");
        Assert.Equal(stepsAtEnd, waiting.GetProperty("run").GetProperty("checkpoint").GetInt32());

        await cluster.StartAgentAsync("a", workers: 2);
        await cluster.StatusAsync("first/early", IsOver);
        AssertSameAsUndisturbed("first");
    }

    [Fact]
    public async Task Should_StopGoOnAndTellWhatItsRanksSaid_When_AskedByAClient()
    {
        await cluster.StartAgentAsync("a", workers: 2);
        await SubmitAsync("first");
        await cluster.StepTakenAsync("first", 8);

        Assert.Equal(0, (await cluster.RunAsync("pause", "first")).ExitCode);
        await cluster.StatusAsync("first/early", status => status.GetProperty("run").GetProperty("state").GetString() == "paused");
        Assert.True(cluster.Metrics("first").Count < SmallExperiment.Steps);
        Assert.Equal(0, (await cluster.RunAsync("resume", "first/early")).ExitCode);
        var logs = await cluster.RunAsync("logs", "first/early", "--follow", "--rank", "0");

        AssertSameAsUndisturbed("first");
        Assert.Contains("attempt 1: stopped after step ", logs.Output, StringComparison.Ordinal);
        Assert.EndsWith("attempt 2: succeeded", logs.Output.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Should_TellEveryFaultAndBeginNothing_When_ASpecIsWrongOrReadsElsewhere()
    {
        var bad = Path.Combine(experiment.Folder, "bad.yaml");
        var text = await File.ReadAllTextAsync(experiment.Spec, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(bad, text.Replace(undisturbed.Data, "../secrets", StringComparison.Ordinal).Replace("preset: nano", "preset: nanoo", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        var refused = await cluster.RunAsync("submit", bad, "--name", "bad");

        Assert.Equal(2, refused.ExitCode);
        var faults = refused.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, faults.Length);
        Assert.Matches($"^{bad}:3:\\d+: data.root: \"../secrets\" leads upwards", faults[0]);
        Assert.Matches($"^{bad}:4:\\d+: retriever.preset: ", faults[1]);
        Assert.False(Directory.Exists(cluster.Experiment("bad").Path));
        Assert.Equal("[]", (await cluster.RunAsync("status", "--json")).Output.Trim());
    }

    private static bool IsOver(JsonElement status) => status.GetProperty("run").GetProperty("state").GetString() is "succeeded" or "failed" or "paused";

    private async Task SubmitAsync(string name)
    {
        var submitted = await cluster.RunAsync("submit", experiment.Spec, "--name", name);
        Assert.True(submitted.ExitCode == 0, submitted.Output + submitted.Errors);
    }

    /// <summary>To the last digit.</summary>
    private void AssertSameAsUndisturbed(string name)
    {
        var (expected, actual) = (undisturbed.Experiment.Metrics(), cluster.Metrics(name));
        Assert.Equal(expected.Select(Bits), actual.Select(Bits));
        Assert.Equal(File.ReadAllText(undisturbed.Experiment.Result.Run("early").Outcomes), File.ReadAllText(cluster.Experiment(name).Run("early").Outcomes));
    }

    private static (int Step, string Ledger, double Loss, double Norm) Bits(StepMetrics step) => (step.Step, step.Ledger, step.Loss, step.GradientNorm);
}
