using System.Collections.Immutable;
using JointFusion.Data;
using JointFusion.Retrieval;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

public sealed class InfoNceTests
{
    private const double Temperature = 0.2;

    [Fact]
    public void Should_EqualTheDefinition_When_ComputedByHand()
    {
        using var scope = NewDisposeScope();
        var (queries, candidates) = Embeddings(rows: 4);
        var batch = Batch(candidatesOfRows: [10, 11, 12, 13], positives: [[10], [11], [12], [13]]);
        var share = InfoNce.Compute(queries, candidates, tensor(Math.Log(Temperature)), batch);
        Assert.Equal(ByHand(queries, candidates, (_, _) => true), share.Loss.item<double>(), 12);
        Assert.Equal(0, share.Masked);
    }

    [Fact]
    public void Should_LeaveOutFalseNegatives_When_CandidatesRepeatOrArePositivesToo()
    {
        using var scope = NewDisposeScope();
        var (queries, candidates) = Embeddings(rows: 4);
        // Row 0's candidate stands again in row 2; row 3's candidate is a second positive of row 1.
        var batch = Batch(candidatesOfRows: [10, 11, 10, 13], positives: [[10], [11, 13], [10], [13]]);
        var share = InfoNce.Compute(queries, candidates, tensor(Math.Log(Temperature)), batch);
        var masked = new HashSet<(int, int)> { (0, 2), (2, 0), (1, 3) };
        Assert.Equal(ByHand(queries, candidates, (row, column) => !masked.Contains((row, column))), share.Loss.item<double>(), 12);
        Assert.Equal(3, share.Masked);
    }

    [Fact]
    public void Should_AddUpToTheWhole_When_RowsAreSplit()
    {
        using var scope = NewDisposeScope();
        var (queries, candidates) = Embeddings(rows: 5);
        int[] ids = [1, 2, 3, 4, 5];
        int[][] positives = [[1], [2], [3], [4], [5]];
        var whole = InfoNce.Compute(queries, candidates, tensor(Math.Log(Temperature)), Batch(ids, positives));
        var first = InfoNce.Compute(queries.narrow(0, 0, 2), candidates, tensor(Math.Log(Temperature)), Batch(ids, positives[..2]));
        var second = InfoNce.Compute(queries.narrow(0, 2, 3), candidates, tensor(Math.Log(Temperature)), Batch(ids, positives[2..], firstRow: 2));
        Assert.Equal(whole.Loss.item<double>(), first.Loss.item<double>() + second.Loss.item<double>(), 12);
        Assert.Equal(whole.Hits, first.Hits + second.Hits);
    }

    [Fact]
    public void Should_CountEveryRowsHardNegatives_When_QueriesBringSome()
    {
        using var scope = NewDisposeScope();
        var (queries, _) = Embeddings(rows: 2);
        var (candidates, _) = Embeddings(rows: 5);
        // Row 0 brings 10 and two hard negatives, the second of which is row 1's positive; row 1 brings 11 and one.
        var batch = Batch(candidatesOfRows: [10, 20, 11, 11, 21], positives: [[10], [11]], targets: [0, 3]);
        var share = InfoNce.Compute(queries, candidates, tensor(Math.Log(Temperature)), batch);
        Assert.Equal(ByHand(queries, candidates, (row, column) => (row, column) != (1, 2), [0, 3]), share.Loss.item<double>(), 12);
        Assert.Equal(1, share.Masked);
    }

    private static (Tensor, Tensor) Embeddings(int rows)
    {
        manual_seed(rows);
        Tensor Unit() => nn.functional.normalize(randn(rows, 6, ScalarType.Float64), p: 2, dim: 1);
        return (Unit(), Unit());
    }

    private static PairBatch Batch(int[] candidatesOfRows, int[][] positives, int firstRow = 0, int[]? targets = null)
    {
        var items = TestItems.Mixed(positives.Length, seed: 1);
        return new PairBatch
        {
            Step = 1,
            Queries = items,
            Candidates = items,
            GlobalRows = targets?.Length ?? candidatesOfRows.Length,
            GlobalCandidates = candidatesOfRows,
            CandidatesOfRank = [candidatesOfRows.Length],
            Targets = targets ?? [.. Enumerable.Range(firstRow, positives.Length)],
            Positives = [.. positives.Select(row => row.ToImmutableArray())],
            LedgerEntry = "",
        };
    }

    private static double ByHand(Tensor queries, Tensor candidates, Func<int, int, bool> counts, int[]? targets = null)
    {
        var (rows, columns) = ((int)queries.size(0), (int)candidates.size(0));
        double Score(int row, int column) => queries[row].dot(candidates[column]).item<double>() / Temperature;
        double Sum(int row) => Enumerable.Range(0, columns).Where(column => counts(row, column)).Sum(column => Math.Exp(Score(row, column)));
        return Enumerable.Range(0, rows).Average(row => Math.Log(Sum(row)) - Score(row, targets?[row] ?? row));
    }
}
