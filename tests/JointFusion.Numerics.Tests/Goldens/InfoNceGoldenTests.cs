using JointFusion.Retrieval;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>The loss on free unit vectors, with every gradient, against PyTorch's autograd.</summary>
public sealed class InfoNceGoldenTests
{
    private static readonly Golden[] Goldens = GoldenFile.Read<Golden[]>("info-nce");

    public static TheoryData<string> Names => new(Goldens.Select(golden => golden.Name));

    [Theory, MemberData(nameof(Names))]
    public void Should_EqualPyTorch_When_TheBatchIs(string name)
    {
        using var scope = NewDisposeScope();
        var golden = Goldens.Single(golden => golden.Name == name);
        var share = InfoNce.Compute(
            Tensor(golden.Queries), Tensor(golden.Candidates), golden.Temperature, GoldenRow.Layout(golden.Rows), golden.Symmetric);
        Assert.Equal(golden.Loss, share.Loss, 12);
        Assert.Equal((golden.Hits, golden.Masked), (share.Hits, share.Masked));
        GoldenFormula.AssertNear(golden.QueryGradients, share.QueryGradients_QE, "a query's gradient");
        GoldenFormula.AssertNear(golden.CandidateGradients, share.CandidateGradients_CE, "a candidate's gradient");
        Assert.Equal(golden.LogTemperatureGradient, share.LogTemperatureGradient, 12);
    }

    private static Tensor Tensor(double[][] rows) => tensor(rows.SelectMany(row => row).ToArray(), [rows.Length, rows[0].Length]);

    private sealed record Golden(
        string Name, bool Symmetric, GoldenRow[] Rows, double Temperature, double[][] Queries, double[][] Candidates,
        double Loss, int Hits, int Masked, double[][] QueryGradients, double[][] CandidateGradients, double LogTemperatureGradient);
}
