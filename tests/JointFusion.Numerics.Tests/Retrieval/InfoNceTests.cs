using JointFusion.Data;
using JointFusion.Retrieval;
using Xunit;
using static JointFusion.Numerics.Tests.LossCases;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>The loss against its definition in plain numbers, its gradients against differences of that.</summary>
public sealed class InfoNceTests
{
    private const double Temperature = 0.2;

    public static TheoryData<string, bool> Cases => new(
        from rows in (string[])["plain", "repeated", "hard"] from symmetric in (bool[])[false, true] select (rows, symmetric));

    [Theory, MemberData(nameof(Cases))]
    public void Should_EqualTheDefinition_When_ComputedByHand(string rows, bool symmetric)
    {
        using var scope = NewDisposeScope();
        var layout = Layout(Rows(rows));
        var (queries, candidates) = (Unit(layout.Rows, seed: 1), Unit(layout.Candidates.Length, seed: 2));
        var share = InfoNce.Compute(Tensor(queries), Tensor(candidates), Temperature, layout, symmetric);
        Assert.Equal(ByHand(queries, candidates, layout, symmetric, Temperature), share.Loss, 12);
        Assert.Equal(rows switch { "plain" => 0, "repeated" => 3, _ => 1 }, share.MaskedOfRow.Sum());
    }

    [Theory, MemberData(nameof(Cases))]
    public void Should_HaveTheGradientsOfItsDifferences_When_AnInputMoves(string rows, bool symmetric)
    {
        using var scope = NewDisposeScope();
        var layout = Layout(Rows(rows));
        var (queries, candidates) = (Unit(layout.Rows, seed: 1), Unit(layout.Candidates.Length, seed: 2));
        var share = InfoNce.Compute(Tensor(queries), Tensor(candidates), Temperature, layout, symmetric);
        double Loss() => ByHand(queries, candidates, layout, symmetric, Temperature);
        Assert.Equal(Differences(queries, Loss), share.QueryGradients_QE.data<double>().ToArray(), Near);
        Assert.Equal(Differences(candidates, Loss), share.CandidateGradients_CE.data<double>().ToArray(), Near);
        var temperature = Difference(step => ByHand(queries, candidates, layout, symmetric, Temperature * Math.Exp(step)));
        Assert.Equal(temperature, share.LogTemperatureGradient.ToNumber(), 8);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Should_AddUpToTheWhole_When_RowsAreSplit(bool symmetric)
    {
        using var scope = NewDisposeScope();
        var whole = Layout(Hard);
        var (queries, candidates) = (Tensor(Unit(whole.Rows, seed: 1)), Tensor(Unit(whole.Candidates.Length, seed: 2)));
        var expected = InfoNce.Compute(queries, candidates, Temperature, whole, symmetric);
        var shares = Enumerable.Range(0, 2).Select(rank => Layout(Hard, rank, world: 2)).Select(layout => InfoNce.Compute(
            symmetric ? queries : queries.narrow(0, layout.Local.First, layout.Local.Count), candidates, Temperature, layout, symmetric)).ToList();
        Assert.Equal(expected.Loss, shares.Sum(share => share.Loss), 12);
        Assert.Equal(expected.Figures.Hits, shares.Sum(share => share.Figures.Hits));
        Assert.Equal(expected.MaskedOfRow.Sum(), shares.Sum(share => share.MaskedOfRow.Sum()));
        Assert.Equal(expected.LogTemperatureGradient.ToNumber(), shares.Sum(share => share.LogTemperatureGradient.ToNumber()), 12);
    }

    /// <summary>More rows and columns than a tile has, in both directions, with masked places in several tiles.</summary>
    [Fact]
    public void Should_EqualTheDefinition_When_TheBatchIsLargerThanATile()
    {
        using var scope = NewDisposeScope();
        const int rows = 2_500;
        var layout = Layout([.. Enumerable.Range(0, rows).Select(row => (new[] { row % 2_400, rows + row }, new[] { row % 2_400 }))]);
        var (queries, candidates) = (Tensor(Unit(rows, seed: 1)), Tensor(Unit(2 * rows, seed: 2)));
        var share = InfoNce.Compute(queries, candidates, Temperature, layout, symmetric: true);
        var scores = queries.mm(candidates.t()) / Temperature;
        var places = tensor(layout.Targets.Select(target => (long)target).ToArray());
        var (isSame, diagonal) = (tensor(layout.Positives.Select(positives => (long)positives[0]).ToArray()), eye(rows, dtype: ScalarType.Bool));
        var ids = tensor(layout.Candidates.Select(candidate => (long)candidate).ToArray());
        var own = zeros(rows, 2 * rows, ScalarType.Bool).index_put_(tensor(true), arange(rows), places);
        var forth = scores.masked_fill(ids.unsqueeze(0).eq(isSame.unsqueeze(1)).logical_and(own.logical_not()), double.NegativeInfinity);
        var back = scores.index_select(1, places).t().masked_fill(isSame.unsqueeze(0).eq(isSame.unsqueeze(1)).logical_and(diagonal.logical_not()), double.NegativeInfinity);
        var expected = (nn.functional.cross_entropy(forth, places) + nn.functional.cross_entropy(back, arange(rows))) / 2;
        Assert.Equal(expected.item<double>(), share.Loss, 10);
        Assert.Equal(forth.argmax(1).eq(places).sum().item<long>(), share.Figures.Hits);
        Assert.Equal(200, share.MaskedOfRow.Sum());
    }

    private static double ByHand(double[][] queries, double[][] candidates, BatchLayout layout, bool symmetric, double temperature)
    {
        double Score(int query, int candidate) => queries[query].Zip(candidates[candidate], (a, b) => a * b).Sum() / temperature;
        bool IsPositive(int query, int candidate) => layout.Positives[query].Contains(layout.Candidates[candidate]);
        double Term(int row, IEnumerable<double> others) => Math.Log(Math.Exp(Score(row, layout.Targets[row])) + others.Sum(Math.Exp)) - Score(row, layout.Targets[row]);
        var rows = Enumerable.Range(0, layout.Rows).ToList();
        var forth = rows.Average(row => Term(row, Enumerable.Range(0, candidates.Length).Where(candidate => !IsPositive(row, candidate)).Select(candidate => Score(row, candidate))));
        if (!symmetric)
            return forth;
        var back = rows.Average(row => Term(row, rows.Where(query => !IsPositive(query, layout.Targets[row])).Select(query => Score(query, layout.Targets[row]))));
        return (forth + back) / 2;
    }
}
