using JointFusion.Data;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>A loss whose negatives stay within blocks of the global batch: as if each block were a worker's share, and workers kept theirs to themselves.</summary>
/// <remarks>
/// The blocks are of the global batch, not of the ranks: a block may lie on several ranks, and a rank may have several.
/// <code>
///   rows        0 1 2 3 | 4 5 6 7 | ...      blocks of 4: row 5 has the candidates of rows 4 to 7
///   of 3 ranks  0 0 0 1   1 1 2 2            each computes its own rows, of whichever blocks
/// </code>
/// </remarks>
public static class BlockedLoss
{
    /// <param name="queries_QE">This rank's own, or those of all ranks, as the loss asks for them.</param>
    /// <param name="candidates_CE">Those of all ranks, in the global batch's order.</param>
    /// <param name="rowsOfBlock">The last block may have fewer.</param>
    /// <param name="loss">Of a batch that is one block: this rank's share of the block's mean.</param>
    /// <returns>The local rows' share of the global mean.</returns>
    public static LossShare Compute(
        Tensor queries_QE, Tensor candidates_CE, BatchLayout layout, int rowsOfBlock, Func<Tensor, Tensor, BatchLayout, LossShare> loss)
    {
        var all = queries_QE.size(0) == layout.Rows; // A rank that has all rows is the only one, and they begin at the same place.
        var (slope, biasSlope) = (zeros([], queries_QE.dtype, queries_QE.device), zeros([], queries_QE.dtype, queries_QE.device));
        var sum = new LossShare(
            layout.Rows, zeros_like(queries_QE), zeros_like(candidates_CE), slope, biasSlope, new RowFigures(layout.LocalTargets, queries_QE.device), new int[layout.Local.Count]);
        for (var first = 0; first < layout.Rows; first += rowsOfBlock)
        {
            using var scope = NewDisposeScope();
            var block = layout.Slice(first, Math.Min(rowsOfBlock, layout.Rows - first));
            if (block.Local.Count == 0)
                continue;
            var localFirst = first + block.Local.First - layout.Local.First;
            var (queries, candidates) = (all ? (first, block.Rows) : (localFirst, block.Local.Count), (layout.Place(first), block.Candidates.Length));
            var share = loss(queries_QE.narrow(0, queries.Item1, queries.Item2), candidates_CE.narrow(0, candidates.Item1, candidates.Item2), block);
            var weight = (double)block.Rows / layout.Rows;
            sum.QueryGradients_QE.narrow(0, queries.Item1, queries.Item2).AddScaled_(share.QueryGradients_QE, weight);
            sum.CandidateGradients_CE.narrow(0, candidates.Item1, candidates.Item2).AddScaled_(share.CandidateGradients_CE, weight);
            sum.Figures.Take(share.Figures, localFirst, candidates.Item1);
            share.MaskedOfRow.CopyTo(sum.MaskedOfRow, localFirst);
            slope.AddScaled_(share.LogTemperatureGradient, weight);
            if (share.LogitBiasGradient is not null)
                biasSlope.AddScaled_(share.LogitBiasGradient, weight);
        }
        return sum;
    }
}
