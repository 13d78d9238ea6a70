using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Softmax cross-entropy of R rows against C columns and its gradients, in memory linear in both.</summary>
/// <remarks>
/// A first pass over a band of tiles gathers each row's log-sum-exp; a second computes each tile again for the gradients:
/// d loss / d logit = weight * (softmax - target).
/// </remarks>
/// <param name="rows_RE">Normalised.</param>
/// <param name="columns_CE">Normalised.</param>
/// <param name="targets">By row, the column of its positive.</param>
/// <param name="masked">Places that count for nothing; none is a target.</param>
/// <param name="scale">Of the scores: one over the temperature.</param>
/// <param name="weight">Of the loss, such as one over the global batch.</param>
internal sealed class TiledSoftmax(
    Tensor rows_RE, Tensor columns_CE, int[] targets, IEnumerable<(int Row, int Column)> masked, double scale, double weight)
{
    private readonly TiledLogits logits = new(rows_RE, columns_CE, masked, scale);
    private readonly Tensor rowGradients_RE = zeros_like(rows_RE);
    private readonly Tensor columnGradients_CE = zeros_like(columns_CE);
    private readonly RowFigures figures = new(targets, rows_RE.device);

    public SoftmaxTerm Compute()
    {
        using var _ = no_grad();
        foreach (var band in logits.Bands())
            Add(band);
        rowGradients_RE.Scale_(scale * weight);
        columnGradients_CE.Scale_(scale * weight);
        using var slopes = rows_RE * rowGradients_RE;
        return new SoftmaxTerm(rowGradients_RE, columnGradients_CE, slopes.sum().neg(), figures);
    }

    private void Add(LogitBand band)
    {
        using var scope = NewDisposeScope();
        var (rows_rE, targets_r) = (logits.Rows(band), figures.TargetsOf(band));
        var positives_rE = logits.Positives(targets_r);
        var logSumExp_r = Read(band);
        figures.AddLoss(band, logSumExp_r - (rows_rE * positives_rE).sum(1).Scale_(scale));
        AddGradients(band, rows_rE, logSumExp_r);
        rowGradients_RE.narrow(0, band.Top, band.Height).AddScaled_(positives_rE, -1);
        columnGradients_CE.AddRows_(targets_r, rows_rE, -1);
    }

    /// <returns>The log-sum-exp of each row's logits.</returns>
    private Tensor Read(LogitBand band)
    {
        Tensor? logSumExp_r = null;
        foreach (var tile in logits.Tiles(band))
        {
            using var scope = NewDisposeScope();
            var logits_rc = logits.Logits(tile);
            figures.AddScores(tile, logits_rc);
            var ofTile_r = logits_rc.logsumexp(1);
            logSumExp_r = scope.MoveToOuter(logSumExp_r is null ? ofTile_r : logaddexp(logSumExp_r, ofTile_r));
        }
        return logSumExp_r!;
    }

    private void AddGradients(LogitBand band, Tensor rows_rE, Tensor logSumExp_r)
    {
        foreach (var tile in logits.Tiles(band))
        {
            using var scope = NewDisposeScope();
            var softmax_rc = logits.Logits(tile).sub_(logSumExp_r.unsqueeze(1)).exp_();
            rowGradients_RE.narrow(0, band.Top, band.Height).AddScaled_(softmax_rc.mm(logits.Columns(tile)), 1);
            columnGradients_CE.narrow(0, tile.Left, tile.Width).AddScaled_(softmax_rc.t().mm(rows_rE), 1);
        }
    }
}

/// <param name="RowGradients_RE">Of the loss.</param>
/// <param name="ColumnGradients_CE">Of the loss.</param>
/// <param name="LogTemperatureGradient">Of the loss; a scalar.</param>
/// <param name="Figures">By row, the loss not weighted.</param>
internal sealed record SoftmaxTerm(
    Tensor RowGradients_RE, Tensor ColumnGradients_CE, Tensor LogTemperatureGradient, RowFigures Figures);
