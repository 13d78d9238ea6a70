using JointFusion.Data;
using JointFusion.Retrieval;
using Xunit;
using static JointFusion.Numerics.Tests.LossCases;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>The loss against its definition in plain numbers, its gradients against differences of that.</summary>
public sealed class SigmoidLossTests
{
    private const double Temperature = 0.2;
    private const double Bias = -1.5;

    public static TheoryData<string> Cases => ["plain", "repeated", "hard"];

    [Theory, MemberData(nameof(Cases))]
    public void Should_EqualTheDefinition_When_ComputedByHand(string rows)
    {
        using var scope = NewDisposeScope();
        var layout = Layout(Rows(rows));
        var (queries, candidates) = (Unit(layout.Rows, seed: 1), Unit(layout.Candidates.Length, seed: 2));
        var share = SigmoidLoss.Compute(Tensor(queries), Tensor(candidates), Temperature, Bias, layout);
        Assert.Equal(ByHand(queries, candidates, layout, Temperature, Bias), share.Loss, 12);
        Assert.Equal(rows switch { "plain" => 0, "repeated" => 3, _ => 1 }, share.MaskedOfRow.Sum());
    }

    [Theory, MemberData(nameof(Cases))]
    public void Should_HaveTheGradientsOfItsDifferences_When_AnInputMoves(string rows)
    {
        using var scope = NewDisposeScope();
        var layout = Layout(Rows(rows));
        var (queries, candidates) = (Unit(layout.Rows, seed: 1), Unit(layout.Candidates.Length, seed: 2));
        var share = SigmoidLoss.Compute(Tensor(queries), Tensor(candidates), Temperature, Bias, layout);
        double Loss() => ByHand(queries, candidates, layout, Temperature, Bias);
        Assert.Equal(Differences(queries, Loss), share.QueryGradients_QE.data<double>().ToArray(), Near);
        Assert.Equal(Differences(candidates, Loss), share.CandidateGradients_CE.data<double>().ToArray(), Near);
        var temperature = Difference(step => ByHand(queries, candidates, layout, Temperature * Math.Exp(step), Bias));
        Assert.Equal(temperature, share.LogTemperatureGradient.ToNumber(), 8);
        Assert.Equal(Difference(step => ByHand(queries, candidates, layout, Temperature, Bias + step)), share.LogitBiasGradient?.ToNumber() ?? 0, 8);
    }

    [Fact]
    public void Should_AddUpToTheWhole_When_RowsAreSplit()
    {
        using var scope = NewDisposeScope();
        var whole = Layout(Hard);
        var (queries, candidates) = (Tensor(Unit(whole.Rows, seed: 1)), Tensor(Unit(whole.Candidates.Length, seed: 2)));
        var expected = SigmoidLoss.Compute(queries, candidates, Temperature, Bias, whole);
        var shares = Enumerable.Range(0, 2).Select(rank => Layout(Hard, rank, world: 2)).Select(layout => SigmoidLoss.Compute(
            queries.narrow(0, layout.Local.First, layout.Local.Count), candidates, Temperature, Bias, layout)).ToList();
        Assert.Equal(expected.Loss, shares.Sum(share => share.Loss), 12);
        Assert.Equal(expected.Figures.Hits, shares.Sum(share => share.Figures.Hits));
        Assert.Equal(expected.MaskedOfRow.Sum(), shares.Sum(share => share.MaskedOfRow.Sum()));
        Assert.Equal(expected.LogitBiasGradient!.ToNumber(), shares.Sum(share => share.LogitBiasGradient!.ToNumber()), 12);
        Assert.Equal(expected.LogTemperatureGradient.ToNumber(), shares.Sum(share => share.LogTemperatureGradient.ToNumber()), 12);
    }

    /// <summary>More rows and columns than a tile has, with masked places in several tiles; autograd over dense logits is the reference.</summary>
    [Fact]
    public void Should_EqualTheDefinition_When_TheBatchIsLargerThanATile()
    {
        using var scope = NewDisposeScope();
        const int rows = 2_500;
        var layout = Layout([.. Enumerable.Range(0, rows).Select(row => (new[] { row % 2_400, rows + row }, new[] { row % 2_400 }))]);
        var (queries, candidates) = (Tensor(Unit(rows, seed: 1)).requires_grad_(), Tensor(Unit(2 * rows, seed: 2)).requires_grad_());
        var share = SigmoidLoss.Compute(queries.detach(), candidates.detach(), Temperature, Bias, layout);

        var (own, ids) = (arange(rows) * 2, arange(2 * rows));
        var isTarget = ids.unsqueeze(0).eq(own.unsqueeze(1));
        var isSame = tensor(layout.Candidates.Select(candidate => (long)candidate).ToArray()).unsqueeze(0).eq((arange(rows) % 2_400).unsqueeze(1));
        var logits = (queries.mm(candidates.t()) / Temperature) + Bias;
        var costs = nn.functional.logsigmoid(where(isTarget, logits, -logits)).neg();
        var expected = costs.masked_fill(isSame.logical_and(isTarget.logical_not()), 0).sum() / rows;
        expected.backward();
        Assert.Equal(expected.item<double>(), share.Loss, 10);
        Assert.Equal(200, share.MaskedOfRow.Sum());
        Assert.True((queries.grad! - share.QueryGradients_QE).abs().max().item<double>() < 1e-12);
        Assert.True((candidates.grad! - share.CandidateGradients_CE).abs().max().item<double>() < 1e-12);
    }

    /// <summary>Logits of 90 and -110: exp of the one overflows, log of one minus its sigmoid would be minus infinity.</summary>
    [Fact]
    public void Should_StayFinite_When_LogitsAreLargeInSinglePrecision()
    {
        using var scope = NewDisposeScope();
        var layout = Layout(Plain);
        var queries = tensor(new float[] { 1, 1, 1, -1 }, [4, 1]);
        var share = SigmoidLoss.Compute(queries, ones(4, 1), temperature: 0.01, bias: -10, layout);
        Assert.Equal(((9 * 90) + 110) / 4.0, share.Loss, 3);
        Assert.True(share.QueryGradients_QE.isfinite().all().item<bool>());
    }

    private static double ByHand(double[][] queries, double[][] candidates, BatchLayout layout, double temperature, double bias)
    {
        double Logit(int query, int candidate) => (queries[query].Zip(candidates[candidate], (a, b) => a * b).Sum() / temperature) + bias;
        bool IsPositive(int query, int candidate) => layout.Positives[query].Contains(layout.Candidates[candidate]);
        var wrong =
            from query in Enumerable.Range(0, queries.Length)
            from candidate in Enumerable.Range(0, candidates.Length)
            where !IsPositive(query, candidate)
            select Math.Log(1 + Math.Exp(Logit(query, candidate)));
        var right = Enumerable.Range(0, queries.Length).Select(query => Math.Log(1 + Math.Exp(-Logit(query, layout.Targets[query]))));
        return wrong.Concat(right).Sum() / queries.Length;
    }
}
