using System.Collections.Immutable;
using JointFusion.Data;
using JointFusion.Retrieval;
using Xunit;
using static JointFusion.Numerics.Tests.LossCases;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>The mean over beginnings against its definition in plain numbers, its gradients against differences of that.</summary>
public sealed class MatryoshkaLossTests
{
    private const double Temperature = 0.2, Bias = -1.5;
    private static readonly ImmutableArray<int> Widths = [2, 3];

    [Theory, InlineData(false, false), InlineData(true, false), InlineData(false, true)]
    public void Should_EqualTheDefinition_When_ComputedByHand(bool symmetric, bool sigmoid)
    {
        using var scope = NewDisposeScope();
        var layout = Layout(Hard);
        var (queries, candidates) = (Unit(layout.Rows, seed: 1), Unit(layout.Candidates.Length, seed: 2));
        var share = Compute(queries, candidates, layout, symmetric, sigmoid, Temperature);
        double Loss(double temperature = Temperature, double bias = Bias) => ByHand(queries, candidates, layout, symmetric, sigmoid, temperature, bias);
        Assert.Equal(Loss(), share.Loss, 12);
        Assert.Equal(share.Loss, share.Figures.Loss.Sum() / layout.Rows, 12);
        Assert.Equal(Differences(queries, () => Loss()), share.QueryGradients_QE.data<double>().ToArray(), Near);
        Assert.Equal(Differences(candidates, () => Loss()), share.CandidateGradients_CE.data<double>().ToArray(), Near);
        Assert.Equal(Difference(step => Loss(Temperature * Math.Exp(step))), share.LogTemperatureGradient.ToNumber(), 8);
        Assert.Equal(sigmoid ? Difference(step => Loss(bias: Bias + step)) : 0, share.LogitBiasGradient?.ToNumber() ?? 0, 8);
    }

    [Fact]
    public void Should_CountHitsOfTheWholeEmbedding_When_ABeginningRanksOtherwise()
    {
        using var scope = NewDisposeScope();
        var layout = Layout(Plain);
        var (queries, candidates) = (Unit(layout.Rows, seed: 5), Unit(layout.Candidates.Length, seed: 6));
        var (plain, several) = (InfoNce.Compute(Tensor(queries), Tensor(candidates), Temperature, layout), Compute(queries, candidates, layout, false, false, Temperature));
        Assert.Equal(plain.Figures.Hits, several.Figures.Hits);
        Assert.Equal(plain.Figures.Positive, several.Figures.Positive, Near);
        Assert.NotEqual(plain.Loss, several.Loss);
    }

    private static LossShare Compute(double[][] queries, double[][] candidates, BatchLayout layout, bool symmetric, bool sigmoid, double temperature) =>
        MatryoshkaLoss.Compute(Tensor(queries), Tensor(candidates), Widths, (some, others) => sigmoid
            ? SigmoidLoss.Compute(some, others, temperature, Bias, layout)
            : InfoNce.Compute(some, others, temperature, layout, symmetric));

    private static double ByHand(double[][] queries, double[][] candidates, BatchLayout layout, bool symmetric, bool sigmoid, double temperature, double bias) =>
        ((int[])[.. Widths, queries[0].Length]).Average(width =>
        {
            // The whole is not normalised again: a difference would not see the length that the loss takes for 1.
            double[][] Cut(double[][] rows) => width == rows[0].Length ? rows : [.. rows.Select(row => row[..width].Select(value => value / Math.Sqrt(row[..width].Sum(x => x * x))).ToArray())];
            var (asking, answering) = (Cut(queries), Cut(candidates));
            double Score(int query, int candidate) => asking[query].Zip(answering[candidate], (a, b) => a * b).Sum() / temperature;
            bool IsOther(int query, int candidate) => candidate != layout.Targets[query] && layout.Positives[query].Contains(layout.Candidates[candidate]);
            var (rows, columns) = (Enumerable.Range(0, layout.Rows).ToArray(), Enumerable.Range(0, candidates.Length).ToArray());
            if (sigmoid)
                return rows.Sum(row => columns.Where(column => !IsOther(row, column)).Sum(column =>
                    Math.Log(1 + Math.Exp((column == layout.Targets[row] ? -1 : 1) * (Score(row, column) + bias))))) / rows.Length;
            var forth = rows.Average(row => Math.Log(columns.Where(column => !IsOther(row, column)).Sum(column => Math.Exp(Score(row, column)))) - Score(row, layout.Targets[row]));
            if (!symmetric)
                return forth;
            var back = rows.Average(row => Math.Log(rows.Where(query => query == row || !layout.Positives[query].Contains(layout.Candidates[layout.Targets[row]]))
                .Sum(query => Math.Exp(Score(query, layout.Targets[row])))) - Score(row, layout.Targets[row]));
            return (forth + back) / 2;
        });
}
