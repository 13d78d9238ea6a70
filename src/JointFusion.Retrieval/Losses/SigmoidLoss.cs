using JointFusion.Data;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Each pair of a query and a candidate of the global batch judged by itself, right or wrong (SigLIP; Zhai et al. 2023, arXiv 2303.15343).</summary>
/// <remarks>
/// With logit = score / temperature + bias, a wrong pair costs softplus(logit) and a right one softplus(-logit) = softplus(logit) - logit, summed
/// over the pairs and divided by the rows of the global batch. d loss / d logit = sigmoid(logit) - target. Tile by tile, in one pass.
/// </remarks>
public sealed class SigmoidLoss
{
    private readonly BatchLayout layout;
    private readonly TiledLogits logits;
    private readonly List<(int Row, int Column)> masked;
    private readonly Tensor queries_RE;
    private readonly Tensor queryGradients_RE;
    private readonly Tensor candidateGradients_CE;
    private readonly RowFigures figures;
    private readonly double scale;
    private readonly double bias;
    private readonly Tensor slope;

    private SigmoidLoss(Tensor queries_RE, Tensor candidates_CE, double temperature, double bias, BatchLayout layout)
    {
        (this.queries_RE, this.layout, scale, this.bias) = (queries_RE, layout, 1 / temperature, bias);
        masked = [.. FalseNegatives.Candidates(layout)];
        var (first, count) = layout.Local;
        var targets = layout.Targets[first..(first + count)];
        logits = new TiledLogits(queries_RE, candidates_CE, masked, scale, bias);
        figures = new RowFigures(targets, queries_RE.device);
        slope = zeros([], queries_RE.dtype, queries_RE.device);
        (queryGradients_RE, candidateGradients_CE) = (zeros_like(queries_RE), zeros_like(candidates_CE));
    }

    /// <param name="queries_RE">This rank's own, normalised.</param>
    /// <param name="candidates_CE">Those of all ranks, in the global batch's order, normalised.</param>
    /// <param name="temperature">Divides the scores.</param>
    /// <param name="bias">Added to the divided scores.</param>
    public static LossShare Compute(Tensor queries_RE, Tensor candidates_CE, double temperature, double bias, BatchLayout layout) =>
        new SigmoidLoss(queries_RE, candidates_CE, temperature, bias, layout).Compute();

    private LossShare Compute()
    {
        using var _ = no_grad();
        foreach (var band in logits.Bands())
            Add(band);
        var weight = 1.0 / layout.Rows;
        queryGradients_RE.Scale_(scale * weight);
        candidateGradients_CE.Scale_(scale * weight);
        using var slopes = queries_RE * queryGradients_RE;
        return new LossShare(
            layout.Rows, queryGradients_RE, candidateGradients_CE, slopes.sum().neg(), slope.Scale_(weight), figures,
            FalseNegatives.OfRow(masked, layout.Local.Count));
    }

    private void Add(LogitBand band)
    {
        using var scope = NewDisposeScope();
        var (queries_rE, targets_r) = (logits.Rows(band), figures.TargetsOf(band));
        foreach (var tile in logits.Tiles(band))
        {
            using var inner = NewDisposeScope();
            var logits_rc = logits.Logits(tile);
            figures.AddScores(tile, logits_rc);
            var wrong_rc = nn.functional.logsigmoid(logits_rc.neg()); // -logsigmoid(-x) is softplus(x), exact for large x too
            figures.AddLoss(band, wrong_rc.sum(1).neg());
            var sigmoid_rc = logits_rc.sigmoid_();
            slope.AddScaled_(sigmoid_rc.sum(), 1);
            queryGradients_RE.narrow(0, band.Top, band.Height).AddScaled_(sigmoid_rc.mm(logits.Columns(tile)), 1);
            candidateGradients_CE.narrow(0, tile.Left, tile.Width).AddScaled_(sigmoid_rc.t().mm(queries_rE), 1);
        }
        TakeTargets(band, queries_rE, targets_r);
    }

    /// <summary>The share of the right pairs that wrong ones do not have: minus their logits.</summary>
    private void TakeTargets(LogitBand band, Tensor queries_rE, Tensor targets_r)
    {
        var positives_rE = logits.Positives(targets_r);
        var scores_r = (queries_rE * positives_rE).sum(1);
        figures.AddLoss(band, scores_r.Scale_(-scale).Shift_(-bias));
        slope.Shift_(-band.Height);
        queryGradients_RE.narrow(0, band.Top, band.Height).AddScaled_(positives_rE, -1);
        candidateGradients_CE.AddRows_(targets_r, queries_rE, -1);
    }
}
