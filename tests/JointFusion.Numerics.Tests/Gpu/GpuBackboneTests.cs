using JointFusion.Retrieval;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>Published models on a GPU: against the reference's outputs, the CPU, and themselves. Explicit: run on a machine with a GPU, as CONTRIBUTING.md says.</summary>
public sealed class GpuBackboneTests(ITestOutputHelper output) : IDisposable
{
    private const string Gpu = "cuda:0";

    private readonly CardSet cards = new();

    public static TheoryData<string> Sets => [.. BackboneGoldenTests.Sets.Select(row => row.Data.Item1)];

    /// <summary>Adapters in two stages, and whole models.</summary>
    public static TheoryData<string, string, string> Retrievers => new()
    {
        { "paligemma", "early", "" },
        { "qwen2_vl", "early", "" },
        { "qwen2_vl", "early", ", attention: bidirectional, pooling: mean" },
        { "qwen2_vl", "score", "" },
        { "clip", "score", "" },
        { "clip", "feature", ", fusion_tower: { layers: 1, width: 12, heads: 2, mlp_width: 16 }" },
        { "siglip", "score", ", lora: { rank: 2, alpha: 2, targets: [fc1] }" },
    };

    public void Dispose() => cards.Dispose();

    [Theory(Explicit = true), MemberData(nameof(Sets))]
    public void Should_EqualTheReference_When_ItRunsAGoldenSet(string set)
    {
        var report = GoldenSet.Check(GoldenFolder.Of(set), device(Gpu));
        output.WriteLine($"{set}: {report.TensorsHeld} of {report.Tensors} tensors, the worst at {report.Cases.SelectMany(@case => @case.Tensors).Max(tensor => tensor.Error / tensor.Tolerance):0.000} of its tolerance");
        Assert.DoesNotContain(report.Cases, @case => @case.Fault is not null);
        Assert.DoesNotContain(report.Cases.SelectMany(@case => @case.Tensors), tensor => !tensor.Holds);
    }

    [Theory(Explicit = true), MemberData(nameof(Retrievers))]
    public void Should_LoseWhatTheCpuLoses_When_Trained(string set, string fusion, string retriever)
    {
        using var cpu = Of(set, fusion, retriever, "chunk_size: 3", workers: 2).Run();
        using var gpu = Of(set, fusion, retriever, "device: cuda, chunk_size: 3", workers: 2).Run();

        Assert.Equal(cpu.Metrics.Select(step => step.Ledger), gpu.Metrics.Select(step => step.Ledger));
        Assert.All(cpu.Metrics.Zip(gpu.Metrics), pair => Assert.Equal(pair.First.Loss, pair.Second.Loss, 1e-3));
    }

    [Theory(Explicit = true)]
    [InlineData("paligemma", "", "device: cuda")]
    [InlineData("qwen2_vl", "", "device: cuda")]
    [InlineData("qwen2_vl", ", precision: bf16", "device: cuda, chunk_size: 3, recompute: true")]
    [InlineData("paligemma", ", precision: bf16", "device: cuda, chunk_size: 3")]
    public void Should_EndWithTheSameBits_When_StoppedBeforeAtAndAfterTheMerge(string set, string retriever, string resources)
    {
        using var undisturbed = Of(set, "early", retriever, resources, workers: 1).Run();
        using var stopped = Of(set, "early", retriever, resources, workers: 1);
        foreach (var step in (int[])[3, BackboneRunInProcess.FirstSteps, 6])
            stopped.Run(stopAfter: step);
        stopped.Run();

        Assert.Equal(undisturbed.Metrics.Select(step => (step.Loss, step.GradientNorm)), stopped.Metrics.Select(step => (step.Loss, step.GradientNorm)));
        Assert.Equal(undisturbed.FinalWeights, stopped.FinalWeights);
        Assert.Equal(undisturbed.FinalOptimizer, stopped.FinalOptimizer);
    }

    [Fact(Explicit = true)]
    public void Should_TrainTheSameWithinRounding_When_LayersAreRecomputed()
    {
        using var kept = Of("qwen2_vl", "early", "", "device: cuda, chunk_size: 3", workers: 1).Run();
        using var recomputed = Of("qwen2_vl", "early", "", "device: cuda, chunk_size: 3, recompute: true", workers: 1).Run();
        Assert.All(kept.Metrics.Zip(recomputed.Metrics), pair => Assert.Equal(pair.First.Loss, pair.Second.Loss, 1e-4));
    }

    /// <summary>Of a model that takes no adapters here, all weights.</summary>
    private BackboneRunInProcess Of(string set, string fusion, string retriever, string resources, int workers) => set is "clip" or "siglip"
        ? new BackboneRunInProcess(cards, set, fusion, retriever, adapt: "", instruct: "", resources, workers)
        : new BackboneRunInProcess(cards, set, fusion, retriever, resources: resources, workers: workers);
}
