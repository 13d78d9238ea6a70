using JointFusion.Retrieval;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>Each loss on free unit vectors, with every gradient, against PyTorch's autograd.</summary>
public sealed class LossGoldenTests
{
    private static readonly Golden[] Goldens = GoldenFile.Read<Golden[]>("losses");

    public static TheoryData<string> Names => new(Goldens.Select(golden => golden.Name));

    [Theory, MemberData(nameof(Names))]
    public void Should_EqualPyTorch_When_TheBatchIs(string name)
    {
        using var scope = NewDisposeScope();
        var golden = Goldens.Single(golden => golden.Name == name);
        var (queries, candidates, layout) = (Tensor(golden.Queries), Tensor(golden.Candidates), GoldenRow.Layout(golden.Rows));
        var share = golden.LossName == "sigmoid"
            ? SigmoidLoss.Compute(queries, candidates, golden.Temperature, golden.LogitBias, layout)
            : InfoNce.Compute(queries, candidates, golden.Temperature, layout, golden.LossName == "symmetric");
        Assert.Equal(golden.Loss, share.Loss, 12);
        Assert.Equal((golden.Hits, golden.Masked), (share.Figures.Hits, share.MaskedOfRow.Sum()));
        GoldenFormula.AssertNear(golden.QueryGradients, share.QueryGradients_QE, "a query's gradient");
        GoldenFormula.AssertNear(golden.CandidateGradients, share.CandidateGradients_CE, "a candidate's gradient");
        Assert.Equal(golden.LogTemperatureGradient, share.LogTemperatureGradient.ToNumber(), 12);
        Assert.Equal(golden.LogitBiasGradient, share.LogitBiasGradient?.ToNumber() ?? 0, 12);
    }

    private static Tensor Tensor(double[][] rows) => tensor(rows.SelectMany(row => row).ToArray(), [rows.Length, rows[0].Length]);

    private sealed record Golden(
        string Name, string LossName, GoldenRow[] Rows, double Temperature, double LogitBias, double[][] Queries, double[][] Candidates,
        double Loss, int Hits, int Masked, double[][] QueryGradients, double[][] CandidateGradients, double LogTemperatureGradient,
        double LogitBiasGradient);
}
