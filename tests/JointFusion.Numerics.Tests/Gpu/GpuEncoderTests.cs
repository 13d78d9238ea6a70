using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>A GPU against the CPU: the same weights, items and losses. Explicit: run on a machine with a GPU, as CONTRIBUTING.md says.</summary>
public sealed class GpuEncoderTests
{
    private const string Gpu = "cuda:0";

    public static TheoryData<Fusion, Loss, bool, int?> Cases => new(
        from fusion in Enum.GetValues<Fusion>()
        from loss in ((Loss Kind, bool Symmetric)[])[(Loss.Softmax, false), (Loss.Softmax, true), (Loss.Sigmoid, false)]
        from chunk in (int?[])[null, 3]
        select (fusion, loss.Kind, loss.Symmetric, chunk));

    [Theory(Explicit = true), MemberData(nameof(Cases))]
    public void Should_HaveTheSameGradients_When_ComputedInFloat64(Fusion fusion, Loss loss, bool symmetric, int? chunk)
    {
        using var scope = NewDisposeScope();
        var (expected, loss1) = Gradients(fusion, loss, symmetric, chunk, CPU, ScalarType.Float64, Precision.Fp32);
        var (actual, loss2) = Gradients(fusion, loss, symmetric, chunk, device(Gpu), ScalarType.Float64, Precision.Fp32);
        Assert.Equal(loss1, loss2, 1e-12);
        Assert.InRange((actual - expected).norm().item<double>() / expected.norm().item<double>(), 0, 1e-12);
    }

    [Theory(Explicit = true), InlineData(Precision.Fp32, 1e-5), InlineData(Precision.Bf16, 5e-2)]
    public void Should_HaveTheSameGradientsWithinRounding_When_TrainedInThePrecisionsOfRuns(Precision precision, double tolerance)
    {
        using var scope = NewDisposeScope();
        foreach (var fusion in Enum.GetValues<Fusion>())
        {
            var (expected, _) = Gradients(fusion, Loss.Softmax, true, null, CPU, ScalarType.Float32, Precision.Fp32);
            var (actual, _) = Gradients(fusion, Loss.Softmax, true, null, device(Gpu), ScalarType.Float32, precision);
            Assert.InRange((actual - expected).norm().item<float>() / expected.norm().item<float>(), 0, tolerance);
        }
    }

    /// <returns>All of them, on the CPU, and the loss.</returns>
    private static (Tensor Gradients, double Loss) Gradients(
        Fusion fusion, Loss loss, bool symmetric, int? chunk, torch.Device device, ScalarType type, Precision precision)
    {
        var plan = TestItems.Plan(fusion) with { Precision = precision, LogitBias = loss == Loss.Sigmoid ? -10 : null };
        using var retriever = new Retriever(plan, seed: 11);
        retriever.to(device).to(type);
        using var parameters = new FlatParameters(retriever);
        var found = new GradientCache(LocalProcessGroup.Create(1)[0], new StepClock(), symmetric, chunk, loss)
            .Backward(retriever, TestBatches.Of(rows: 12, rank: 0, world: 1));
        return (parameters.Gradients.cpu().clone(), found.Loss);
    }
}
