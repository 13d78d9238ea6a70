using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;
using TorchSharp;
using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>Whole runs that go wrong: told once, or ended where the spec asks for it, at the same step whatever was resumed.</summary>
public sealed class UnhealthyRunTests : IDisposable
{
    private const int Steps = 60;

    private readonly CardSet cards = new();

    public void Dispose() => cards.Dispose();

    [Fact]
    public void Should_WarnOnceAndTrainOn_When_NotAskedToStop()
    {
        using var run = NewRun("health: { collapse_below: 0.99, patience: 4 }");
        run.Run(workers: 2);
        Assert.Equal(Steps, run.Metrics.Length);
        Assert.Equal(["step 9: the embeddings have collapsed", "step 39: the embeddings have collapsed"], run.Events.Warnings.Select(warning => warning.Split(':')[0] + ":" + warning.Split(':')[1]));
    }

    [Fact]
    public void Should_EndAtTheSameStepWithItsReason_When_StoppedInTheMiddle()
    {
        const string health = "health: { stop_on: [collapse], collapse_below: 0.99, patience: 20 }";
        using var straight = NewRun(health);
        using var resumed = NewRun(health);
        var first = Refusal(straight);
        resumed.Run(workers: 2, stopAfter: 15);
        Assert.Equal(first.Message, Refusal(resumed).Message);
        Assert.StartsWith("Step 25: the embeddings have collapsed", first.Message, StringComparison.Ordinal);
        Assert.Equal(25, resumed.Metrics.Length);
        Assert.Equal(20, new CheckpointCatalog(resumed.Folder).NewestWhole()!.Step);
    }

    [Fact]
    public void Should_EndAtTheNextStep_When_AskedToOnlyAfterTheAlarm()
    {
        using var run = NewRun("health: { collapse_below: 0.99, patience: 4 }");
        run.Run(workers: 2, stopAfter: 15);
        run.RunOptions = "health: { stop_on: [collapse], collapse_below: 0.99, patience: 4 }";
        Assert.StartsWith("Step 16: the embeddings have collapsed", Refusal(run).Message, StringComparison.Ordinal);
    }

    /// <summary>As the checkpoints of runs that knew no health are.</summary>
    [Fact]
    public void Should_GoOn_When_TheCheckpointHoldsNoHealth()
    {
        using var run = NewRun("");
        run.Run(workers: 2, stopAfter: 15);
        ForgetHealth(run.Folder, step: 15);
        run.Run(workers: 2);
        Assert.Equal(Steps, run.Metrics.Length);
    }

    /// <summary>Real ones: at this rate the first updates throw the weights where every item has the same embedding, and the loss stays at ln 17.</summary>
    [Fact]
    public void Should_EndOnTheCollapse_When_TheRateIsFarTooHigh()
    {
        using var run = NewRun("health: { stop_on: [collapse, divergence], patience: 10 }", rate: "0.5");
        Assert.StartsWith("Step 15: the embeddings have collapsed", Refusal(run).Message, StringComparison.Ordinal);
        Assert.InRange(run.Metrics[^1].Loss, Math.Log(17) - 0.05, Math.Log(17) + 0.05);
    }

    [Fact]
    public void Should_RaiseNoAlarm_When_TrainingIsHealthy()
    {
        using var run = NewRun("health: { stop_on: [collapse, divergence] }");
        run.Run(workers: 2);
        Assert.Empty(run.Events.Warnings);
        Assert.InRange(run.Metrics[^1].Margin!.Value, 0.05, 1);
        Assert.All(run.Metrics, step => Assert.InRange(step.PeakResidentBytes!.Value, 1 << 20, long.MaxValue));
        Assert.Equal(run.Metrics.Select(step => step.PeakResidentBytes).Order(), run.Metrics.Select(step => step.PeakResidentBytes));
        Assert.All(run.Metrics, step => Assert.InRange(step.Mfu!.Value, 1e-6, 1.5));
    }

    private static void ForgetHealth(RunFolder folder, int step)
    {
        using var scope = torch.NewDisposeScope();
        var catalog = new CheckpointCatalog(folder);
        var manifest = catalog.NewestWhole()!.Manifest!;
        using var saved = catalog.Load(step, manifest.ScienceHash);
        NamedTensor[] Tensors(SafetensorsReader file) =>
            [.. file.Tensors.Where(tensor => tensor.Name != "health").Select(tensor => new NamedTensor(tensor.Name, file.Read(tensor.Name)))];
        var state = new CheckpointState(step, manifest.Stage, manifest.Ledger, [.. Tensors(saved.Weights)], [.. Tensors(saved.Optimizer)], manifest.Loss);
        Directory.Delete(folder.Checkpoint(step), recursive: true);
        using var store = new CheckpointStore(
            folder, new CheckpointSpec(), new CheckpointOwner(manifest.Run, manifest.ScienceHash, manifest.PlanHash, manifest.Generation, manifest.WorldSize),
            new CheckpointEvents(_ => { }, (_, fault) => throw fault));
        store.Save(state);
        store.Flush();
    }

    private RunInProcess NewRun(string health, string rate = "1.0e-3") => new(cards.Summary, every: 10, Steps, runOptions: health, rate: rate);

    private static UnhealthyException Refusal(RunInProcess run) =>
        Assert.IsType<UnhealthyException>(Assert.Throws<InvalidOperationException>(() => run.Run(workers: 2)).InnerException);
}
