using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>Whole runs over published models: two stages with adapters of their own, stopped, gone on with, exported and loaded again.</summary>
public sealed class BackboneRunTests : IDisposable
{
    private readonly CardSet cards = new();

    public void Dispose() => cards.Dispose();

    /// <summary>Within the first stage, where the adapters are being merged, and within the second.</summary>
    [Theory, InlineData("paligemma"), InlineData("qwen2_vl")]
    public void Should_EndWithTheSameBits_When_StoppedBeforeAtAndAfterTheMerge(string set)
    {
        using var undisturbed = new BackboneRunInProcess(cards, set).Run();
        using var stopped = new BackboneRunInProcess(cards, set);
        foreach (var step in (int[])[3, BackboneRunInProcess.FirstSteps, 6])
            stopped.Run(stopAfter: step);
        stopped.Run();

        Assert.Equal([(1, 3), (2, 1), (3, 2), (4, 2)], stopped.Metrics.CountBy(step => step.Generation).Select(pair => (pair.Key, pair.Value)));
        Assert.Equal(undisturbed.Metrics.Select(step => (step.Step, step.Loss, step.GradientNorm, step.Ledger)), stopped.Metrics.Select(step => (step.Step, step.Loss, step.GradientNorm, step.Ledger)));
        Assert.Equal(undisturbed.FinalWeights, stopped.FinalWeights);
        Assert.Equal(undisturbed.FinalOptimizer, stopped.FinalOptimizer);
        Assert.Equal(File.ReadAllText(undisturbed.Folder.Outcomes), File.ReadAllText(stopped.Folder.Outcomes));
    }

    [Fact]
    public void Should_HoldWhatIsTrainedAndWhatWasMergedAlone_When_ACheckpointIsTaken()
    {
        using var run = new BackboneRunInProcess(cards, "qwen2_vl").Run();
        using var before = SafetensorsReader.Open(run.Weights(2));
        using var after = SafetensorsReader.Open(run.Weights(BackboneRunInProcess.Steps));

        Assert.Equal(1 + (2 * 2 * 2), before.Tensors.Count()); // A and B of two projections in two layers, and the temperature
        Assert.Equal(1 + (2 * 2 * 2) + (2 * 2 * 2), after.Tensors.Count());
        Assert.Equal(8, after.Tensors.Count(tensor => tensor.Name.StartsWith("merged-before-instruct.", StringComparison.Ordinal)));
        Assert.Null(run.Manifest(2).Merges);
        var merge = Assert.Single(run.Manifest(BackboneRunInProcess.Steps).Merges!.Value);
        Assert.Equal(("instruct", BackboneRunInProcess.FirstSteps, 64), (merge.Stage, merge.AfterStep, merge.Sha256.Length));
        Assert.True(new FileInfo(run.Weights(BackboneRunInProcess.Steps)).Length < new FileInfo(Path.Combine(run.Backbone, "model.safetensors")).Length / 4);
    }

    [Fact]
    public void Should_HaveAnotherLedger_When_AStageMergesBeforeItBegins()
    {
        using var merging = new BackboneRunInProcess(cards, "qwen2_vl").Run();
        using var going = new BackboneRunInProcess(cards, "qwen2_vl", instruct: "").Run();

        Assert.Equal(merging.Metrics.Take(4).Select(step => step.Ledger), going.Metrics.Take(4).Select(step => step.Ledger));
        Assert.NotEqual(merging.Metrics[4].Ledger, going.Metrics[4].Ledger);
        Assert.Null(going.Manifest(BackboneRunInProcess.Steps).Merges);
    }

    [Theory, InlineData("paligemma", "early", ""), InlineData("qwen2_vl", "early", ""), InlineData("qwen2_vl", "score", ""), InlineData("clip", "feature", ", fusion_tower: { layers: 1, width: 12, heads: 2, mlp_width: 16 }")]
    public void Should_EmbedTheSame_When_ExportedAndLoadedWithoutRunAndModel(string set, string fusion, string retriever)
    {
        var isDual = set == "clip";
        using var run = isDual ? new BackboneRunInProcess(cards, set, fusion, retriever, adapt: "", instruct: "") : new BackboneRunInProcess(cards, set, fusion, retriever);
        run.Run();
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var state = run.Restored();
        var data = MbeirDataset.Open(cards.Root);
        ItemRef[] items = [.. data.Candidates.Take(5).Select(ItemRef.Of), .. data.Candidates.Skip(70).Take(5).Select(ItemRef.Of)];
        var batch = RunData.Open(run.Plan).Loader.Load(items);
        var expected = state.Retriever.call(batch);
        new RetrieverExporter(run.Plan, run.Folder).Export(BackboneRunInProcess.Steps, run.Exported);
        Directory.Delete(run.Folder.Path, recursive: true);
        Directory.Delete(run.Backbone, recursive: true);

        using var exported = ExportedRetriever.Load(run.Exported);
        Assert.True((exported.Retriever.call(batch) - expected).abs().max().item<float>() < 1e-5f);
        Assert.Equal(state.Retriever.Temperature, exported.Retriever.Temperature);
        Assert.Equal(batch.Tokens, items.SelectMany(item => item.Text is { } text ? exported.Tokenizer.Encode(text, run.Plan.Retriever.Shape.MaxTextTokens) : []));
        Assert.True((expected - expected[0]).abs().max().item<float>() > 1e-2f);
    }

    [Fact]
    public void Should_GiveTheExportedModel_When_ItsAdaptersAreAppliedOneAfterTheOther()
    {
        using var run = new BackboneRunInProcess(cards, "paligemma").Run();
        var disk = new SyncWitness();
        new RetrieverExporter(run.Plan, run.Folder, disk).Export(BackboneRunInProcess.Steps, run.Exported);
        Assert.Empty(disk.Late);
        using var backbone = Backbone.Load(run.Backbone, ScalarType.Float32, CPU);
        using var untouched = Backbone.Load(run.Backbone, ScalarType.Float32, CPU);
        foreach (var stage in (string[])["1-adapt", "2-instruct"])
        {
            PeftFolder.Load(Path.Combine(run.Exported, "adapters", stage), backbone);
            Lora.Merge(backbone);
        }

        using var exported = Backbone.Load(Path.Combine(run.Exported, "backbone"), ScalarType.Float32, CPU);
        var own = untouched.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
        var applied = backbone.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
        Assert.All(exported.named_parameters(), pair => Assert.True(pair.parameter.Equals(applied[pair.name]), pair.name));
        Assert.Equal(10, exported.named_parameters().Count(pair => !pair.parameter.Equals(own[pair.name]))); // q and v of two layers in either tower, down of the decoder's
    }

    /// <summary>The weights are kept in float32, so that changes far below a bfloat16's last digit add up; products are rounded.</summary>
    [Theory, InlineData("qwen2_vl", "early", ""), InlineData("paligemma", "early", ""), InlineData("siglip", "score", ""), InlineData("clip", "score", "")]
    public void Should_LearnWithSmallChanges_When_AllWeightsAreTrainedInBfloat16(string set, string fusion, string retriever)
    {
        using var whole = new BackboneRunInProcess(cards, set, fusion, retriever, adapt: "", instruct: "").Run();
        using var half = new BackboneRunInProcess(cards, set, fusion, retriever + ", precision: bf16", adapt: "", instruct: "").Run();
        Assert.Equal(whole.Metrics.Select(step => step.Ledger), half.Metrics.Select(step => step.Ledger));
        Assert.Equal(whole.Metrics[0].Loss, half.Metrics[0].Loss, 0.15); // Later ones part, at this rate of so small a model.
        Assert.NotEqual(whole.Metrics[0].Loss, half.Metrics[0].Loss);
        using var state = half.Restored();
        using var start = Backbone.Load(half.Backbone, ScalarType.Float32, CPU);
        var before = start.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
        var finer = 0;
        foreach (var (name, parameter) in state.Retriever.Backbone!.named_parameters())
        {
            Assert.Equal(ScalarType.Float32, parameter.dtype);
            using var scope = NewDisposeScope();
            finer += parameter.eq(before[name]).all().item<bool>() ? 0 : parameter.to(ScalarType.BFloat16).to(ScalarType.Float32).eq(parameter).all().item<bool>() ? 0 : 1;
        }
        Assert.InRange(finer, 10, int.MaxValue);
    }

    [Fact]
    public void Should_TrainTheSameWithinRounding_When_LayersAreRecomputed()
    {
        using var kept = new BackboneRunInProcess(cards, "qwen2_vl").Run();
        using var recomputed = new BackboneRunInProcess(cards, "qwen2_vl", resources: "chunk_size: 3, recompute: true").Run();

        Assert.True(recomputed.Plan.Resources.Recompute);
        Assert.Equal(kept.Plan.ScienceHash, recomputed.Plan.ScienceHash);
        Assert.NotEqual(kept.Plan.PlanHash, recomputed.Plan.PlanHash);
        Assert.Equal(kept.Metrics.Select(step => step.Ledger), recomputed.Metrics.Select(step => step.Ledger));
        Assert.All(kept.Metrics.Zip(recomputed.Metrics), pair => Assert.Equal(pair.First.Loss, pair.Second.Loss, 1e-4));
    }

    [Fact]
    public void Should_TrainAlmostTheSame_When_TheKeptWeightsAreInBf16()
    {
        using var fp32 = new BackboneRunInProcess(cards, "paligemma").Run();
        using var bf16 = new BackboneRunInProcess(cards, "paligemma", retriever: ", precision: bf16").Run(stopAfter: 6).Run();

        Assert.All(fp32.Metrics.Zip(bf16.Metrics), pair => Assert.Equal(pair.First.Loss, pair.Second.Loss, 0.1));
        Assert.NotEqual(fp32.Metrics[^1].Loss, bf16.Metrics[^1].Loss);
        Assert.NotEqual(fp32.Plan.ScienceHash, bf16.Plan.ScienceHash);
    }

    [Fact]
    public void Should_RefuseToGoOn_When_AByteOfTheModelHasChanged()
    {
        using var run = new BackboneRunInProcess(cards, "qwen2_vl").Run(stopAfter: 2);
        var weights = Path.Combine(run.Backbone, "model.safetensors");
        var bytes = File.ReadAllBytes(weights);
        bytes[^1] ^= 1;
        File.WriteAllBytes(weights, bytes);

        var refused = Assert.Throws<InvalidOperationException>(() => run.Run()).InnerException;
        Assert.Contains("the model's files have changed since the run was planned", Assert.IsType<DataException>(refused).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("paligemma", "early", "", true)]
    [InlineData("qwen2_vl", "score", "", true)]
    [InlineData("clip", "score", "", false)]
    [InlineData("clip", "feature", ", fusion_tower: { layers: 1, width: 12, heads: 2, mlp_width: 16 }", false)]
    [InlineData("siglip", "feature", ", fusion_tower: { layers: 1, width: 12, heads: 2, mlp_width: 16 }", false)]
    public void Should_NameAndCountWhatIsTrained_When_OnlyThePlanIsRead(string set, string fusion, string retriever, bool adapters)
    {
        using var run = adapters ? new BackboneRunInProcess(cards, set, fusion, retriever) : new BackboneRunInProcess(cards, set, fusion, retriever, adapt: "", instruct: "");
        using var state = new TrainingState(run.Plan, CPU, LocalProcessGroup.Create(1)[0]);
        var tensors = BackboneConfig.Read(run.Backbone).Tensors();
        foreach (var stage in run.Plan.Stages)
        {
            state.StartStage(stage);
            var planned = RetrieverParameters.Of(run.Plan.Retriever.Shape, hasLogitBias: false, stage.Adapters, tensors);
            Assert.Equal(Named(state.Model.Shapes), Named(planned));
            Assert.True(planned.Sum(parameter => parameter.Count) <= run.Plan.Retriever.Trainable);
        }
        Assert.Equal(run.Plan.Retriever.Trainable, run.Plan.Stages.Max(stage => RetrieverParameters.Of(run.Plan.Retriever.Shape, false, stage.Adapters, tensors).Sum(parameter => parameter.Count)));

        static IEnumerable<string> Named(IEnumerable<ParameterShape> parameters) => parameters.Select(parameter => $"{parameter.Name} [{string.Join(", ", parameter.Shape)}]").Order();
    }

    /// <summary>Only the adapters of the decoder's second layer are trained in the second stage.</summary>
    [Fact]
    public void Should_KeepWhatAStagesRulesFreeze_When_TheyNameAdapters()
    {
        using var run = new BackboneRunInProcess(cards, "qwen2_vl", instruct: "parameters: [{ match: \"*layers.0*\", frozen: true }], ").Run();
        using var before = SafetensorsReader.Open(run.Weights(BackboneRunInProcess.FirstSteps));
        using var after = SafetensorsReader.Open(run.Weights(BackboneRunInProcess.Steps));
        using var scope = NewDisposeScope();
        var same = before.Tensors.Select(tensor => tensor.Name).ToLookup(name => before.Read(name).Equals(after.Read(name)));
        Assert.All(same[true], name => Assert.Contains("layers.0", name, StringComparison.Ordinal));
        Assert.Equal(4, same[true].Count());
    }

    [Theory]
    [InlineData("paligemma", "early", "", true)]
    [InlineData("qwen2_vl", "early", "", true)]
    [InlineData("qwen2_vl", "score", "", true)]
    [InlineData("qwen2_vl", "early", ", attention: bidirectional, pooling: mean", true)]
    [InlineData("clip", "score", "", false)]
    [InlineData("clip", "feature", ", fusion_tower: { layers: 1, width: 12, heads: 2, mlp_width: 16 }", false)]
    [InlineData("siglip", "score", ", lora: { rank: 2, alpha: 2, targets: [fc1] }", false)]
    public void Should_AgreeWithOneProcess_When_RanksDivideTheBatch(string set, string fusion, string retriever, bool adapters)
    {
        using var run = adapters
            ? new BackboneRunInProcess(cards, set, fusion, retriever)
            : new BackboneRunInProcess(cards, set, fusion, retriever, adapt: "", instruct: "symmetric: true, ");
        var plan = run.Plan;
        foreach (var ranks in (int[])[1, 3])
        {
            var outcomes = new IReadOnlyList<ParityOutcome>[ranks];
            RankThreads.Run(ranks, group => outcomes[group.Rank] = new ParityGate(plan, group).Measure());
            Assert.All(outcomes, outcome => Assert.Equal(2, outcome.Count));
            Assert.All(outcomes.SelectMany(outcome => outcome), outcome => Assert.InRange(outcome.Difference, 0, 1e-12));
        }
    }
}
