using JointFusion.Data;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>
/// Softmax cross-entropy of each query's positive against all candidates of the global batch (InfoNCE; van den Oord et al. 2018,
/// arXiv 1807.03748). Symmetric: the mean of that and of each positive's query against all queries (Radford et al. 2021, arXiv 2103.00020).
/// </summary>
public static class InfoNce
{
    /// <param name="queries_QE">Normalised: this rank's own, or those of all ranks where <paramref name="symmetric"/>.</param>
    /// <param name="candidates_CE">Those of all ranks, in the global batch's order, normalised.</param>
    /// <param name="temperature">Divides the scores.</param>
    /// <returns>The local rows' share of the global mean, with its gradients: shares are summed over ranks.</returns>
    public static LossShare Compute(Tensor queries_QE, Tensor candidates_CE, double temperature, BatchLayout layout, bool symmetric = false)
    {
        var (first, count) = layout.Local;
        var (scale, weight) = (1 / temperature, (symmetric ? 0.5 : 1) / layout.Rows);
        var targets = layout.Targets[first..(first + count)];
        var masked = FalseNegatives.Candidates(layout).ToList();
        var rows_RE = symmetric ? queries_QE.narrow(0, first, count) : queries_QE;
        var forth = new TiledSoftmax(rows_RE, candidates_CE, targets, masked, scale, weight).Compute();
        var maskedOfRow = FalseNegatives.OfRow(masked, count);
        if (!symmetric)
            return new LossShare(layout.Rows, forth.RowGradients_RE, forth.ColumnGradients_CE, forth.LogTemperatureGradient, null, forth.Figures, maskedOfRow);

        var places_R = tensor(targets.Select(target => (long)target).ToArray()).Sent(candidates_CE.device);
        var positives_RE = candidates_CE.index_select(0, places_R);
        int[] own = [.. Enumerable.Range(first, count)];
        var back = new TiledSoftmax(positives_RE, queries_QE, own, FalseNegatives.Queries(layout), scale, weight).Compute();
        back.ColumnGradients_CE.narrow(0, first, count).AddScaled_(forth.RowGradients_RE, 1);
        forth.ColumnGradients_CE.AddRows_(places_R, back.RowGradients_RE, 1);
        forth.Figures.AddLoss(back.Figures);
        forth.Figures.ScaleLoss(0.5);
        return new LossShare(
            layout.Rows, back.ColumnGradients_CE, forth.ColumnGradients_CE,
            forth.LogTemperatureGradient.Plus(back.LogTemperatureGradient), null, forth.Figures, maskedOfRow);
    }
}
