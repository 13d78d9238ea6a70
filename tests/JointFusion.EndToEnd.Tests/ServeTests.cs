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

    private static bool IsOver(JsonElement status) => status.GetProperty("run").GetProperty("state").GetString() is "succeeded" or "failed" or "stopped";

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
