using System.Text.Json;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Numerics.Tests;
using JointFusion.Training;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.EndToEnd.Tests;

/// <summary>Published models as a user trains them: adapters, a merge, adapters again over two workers; killed, gone on with, taken away.</summary>
public sealed class BackboneRunTests : IDisposable
{
    private const int Sigkill = 9, LastOfAdaptation = 6, Steps = 18;

    private readonly string data = TinySet.Create();
    private readonly IDisposable scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory, InlineData("paligemma"), InlineData("qwen2_vl")]
    public async Task Should_EmbedTheSame_When_KilledInTheSecondStageThenExportedAndLoaded(string set)
    {
        var model = TinyBackbone.Create(set, Path.Combine(TestPaths.NewFolder("model"), set));
        var undisturbed = new SmallExperiment(Spec(set, model));
        var ended = await undisturbed.RunAsync();
        Assert.True(ended.ExitCode == 0, ended.Output + ended.Errors);

        var killed = new SmallExperiment(Spec(set, model));
        await using (var jf = killed.Start())
        {
            await killed.StepTakenAsync(LastOfAdaptation + 5);
            JfProcess.Signal(SmallExperiment.Workers(jf.Id)[0], Sigkill);
            var recovered = await jf.EndAsync();
            Assert.True(recovered.ExitCode == 0, recovered.Output + recovered.Errors);
        }
        Assert.Contains(killed.Metrics(), step => step.Generation > 1);
        Assert.Equal(Steps, killed.Metrics().Count);
        Assert.Equal(undisturbed.Metrics().Select(step => (step.Step, step.Loss, step.GradientNorm, step.Ledger)), killed.Metrics().Select(step => (step.Step, step.Loss, step.GradientNorm, step.Ledger)));
        AssertSameOutcomes(undisturbed, killed);

        var target = Path.Combine(killed.Folder, "exported");
        var exported = await JfProcess.RunAsync(killed.Folder, "checkpoint", "export", killed.Result.Run("early").Path, "--out", target);
        Assert.True(exported.ExitCode == 0, exported.Output + exported.Errors);
        AssertEmbedsTheSame(killed.Result.Run("early"), target);
    }

    private static void AssertSameOutcomes(SmallExperiment expected, SmallExperiment actual) =>
        Assert.Equal(File.ReadAllText(expected.Result.Run("early").Outcomes), File.ReadAllText(actual.Result.Run("early").Outcomes));

    private static void AssertEmbedsTheSame(RunFolder folder, string exported)
    {
        using var _ = no_grad();
        var plan = JsonSerializer.Deserialize<RunPlan>(File.ReadAllText(folder.Plan), JointFusionJson.File)!;
        var alone = LocalProcessGroup.Create(1)[0];
        using var state = new TrainingState(plan, CPU, alone);
        using (var checkpoints = new RunCheckpoints(plan, folder, generation: 99, alone, new Silent()))
            checkpoints.Restore(state, Steps);
        var loader = RunData.Open(plan).Loader;
        var set = MbeirDataset.Open(plan.Data.Root);
        var batch = loader.Load([.. set.Candidates.Take(20).Select(ItemRef.Of), .. set.Queries("train").Take(20).Select(query => ItemRef.Of(query, 0))]);
        using var loaded = ExportedRetriever.Load(exported);
        Assert.Equal("instruct", loaded.Config.Stage);
        Assert.True((loaded.Retriever.call(batch) - state.Retriever.call(batch)).abs().max().item<float>() < 1e-5f);
    }

    private string Spec(string set, string model) =>
        $$"""
        name: small
        seed: 3
        data: { source: mbeir, root: {{data}} }
        retriever: { backbone: {{model}}, {{TinyBackbone.Prompt(set)}}fusion: early }
        stages:
          - { name: adapt, lora: { rank: 2, alpha: 4, targets: [q_proj, v_proj] }, tasks: [0, 3], steps: {{LastOfAdaptation}}, global_batch: 7, learning_rate: 1.0e-2 }
          - { name: instruct, lora: { rank: 4, alpha: 4, targets: [q_proj, down_proj] }, tasks: [0, 3, 7], instructions: true, steps: {{Steps - LastOfAdaptation}}, global_batch: 8, hard_negatives: 1, learning_rate: 1.0e-2 }
        evaluation: { splits: [val], pools: [local] }
        checkpoints: { every_steps: 3 }
        resources: { workers: 2, chunk_size: 5 }
        """;

    private sealed class Silent : IRunEvents
    {
        public void Phase(RunPhase phase, string detail)
        {
        }

        public void Step(StepMetrics metrics)
        {
        }

        public void Checkpoint(int step)
        {
        }

        public void Warning(string message)
        {
        }
    }
}
