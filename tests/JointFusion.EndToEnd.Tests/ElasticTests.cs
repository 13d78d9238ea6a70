using System.Text.Json;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.EndToEnd.Tests;

/// <summary>A run of one or two workers on agents of one each, of which one is killed and another is added.</summary>
public sealed class ElasticTests : IAsyncLifetime
{
    private const int InstructionSteps = 150;

    /// <summary>Of a loss: sums over one rank and over two are rounded otherwise, and steps build on each other.</summary>
    private const double Rounding = 1e-2;

    private readonly string data = TinySet.Create();
    private readonly ServedCluster cluster;
    private readonly SmallExperiment experiment;

    public ElasticTests()
    {
        cluster = new ServedCluster(data);
        experiment = new SmallExperiment(data, workers: 2, fusions: "early");
        File.WriteAllText(experiment.Spec, File.ReadAllText(experiment.Spec)
            .Replace("workers: 2", "workers: { min: 1, max: 2 }", StringComparison.Ordinal)
            .Replace("steps: 48", $"steps: {InstructionSteps}", StringComparison.Ordinal));
    }

    public async ValueTask InitializeAsync() => await cluster.StartServerAsync();

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Fact]
    public async Task Should_GoOnWithWhatIsLeftAndGrowAgain_When_ANodeIsLostAndAnotherComes()
    {
        await cluster.StartAgentAsync("a", cores: Environment.ProcessorCount);
        var victim = await cluster.StartAgentAsync("b", cores: Environment.ProcessorCount);
        await DoneAsync("submit", experiment.Spec, "--name", "whole", "--wait");
        await cluster.StartAgentAsync("c", cores: Environment.ProcessorCount);
        await DoneAsync("node", "drain", "c");

        await DoneAsync("submit", experiment.Spec, "--name", "struck");
        await cluster.StepTakenAsync("struck", 14);
        await ServedCluster.KillAsync(victim);
        await cluster.StatusAsync("struck/early", status => State(status) == "training" && Ranks(status) == 1);
        await DoneAsync("node", "undrain", "c");
        await cluster.StatusAsync("struck/early", status => State(status) is "succeeded" or "failed");

        var (whole, struck) = (cluster.Metrics("whole"), cluster.Metrics("struck"));
        Assert.Equal(whole.Select(step => (step.Step, step.Ledger)), struck.Select(step => (step.Step, step.Ledger)));
        Assert.Equal([1, 2, 3], struck.Select(step => step.Generation).Distinct());
        Assert.Equal(2, Manifest("struck", struck.Count).WorldSize);
        Assert.All(Manifest("struck", struck.Count).Processors!.Value, kind => Assert.Contains($" on {Environment.ProcessorCount} thread", kind, StringComparison.Ordinal)); // As the agents were told; its plan says half.
        var ratios = whole.Zip(struck, (before, after) => after.Loss / before.Loss).ToList();
        Assert.All(ratios, ratio => Assert.InRange(ratio, 1 - Rounding, 1 + Rounding));
        Assert.Contains(ratios, ratio => ratio != 1); // It was another number of workers indeed.
    }

    private static string? State(JsonElement status) => status.GetProperty("run").GetProperty("state").GetString();

    private static int Ranks(JsonElement status) => status.GetProperty("ranks").GetArrayLength();

    private CheckpointManifest Manifest(string name, int step) => JsonSerializer.Deserialize<CheckpointManifest>(
        File.ReadAllText(Path.Combine(cluster.Experiment(name).Run("early").Checkpoint(step), "manifest.json")), JointFusionJson.File)!;

    private async Task DoneAsync(params string[] command)
    {
        var done = await cluster.RunAsync(command);
        Assert.True(done.ExitCode == 0, done.Output + done.Errors);
    }
}
