using TorchSharp;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>
/// Softmax cross-entropy of R rows against C columns and its gradients, in memory linear in both: of the R x C logits one tile exists at a time.
/// </summary>
/// <remarks>
/// E is the embedding; r and c are the rows and columns of a tile. A first pass over a band of tiles gathers each row's log-sum-exp; a
/// second computes each tile again for the gradients: d loss / d logit = weight * (softmax - target).
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
    private const int RowsPerTile = 2_048;
    private const int ColumnsPerTile = 4_096;

    private readonly ILookup<(int, int), (int Row, int Column)> masks =
        masked.ToLookup(place => (place.Row / RowsPerTile, place.Column / ColumnsPerTile));

    private readonly Tensor rowGradients_RE = zeros_like(rows_RE);
    private readonly Tensor columnGradients_CE = zeros_like(columns_CE);
    private double loss;
    private int hits;

    public SoftmaxTerm Compute()
    {
        using var _ = no_grad();
        var rows = (int)rows_RE.size(0);
        for (var top = 0; top < rows; top += RowsPerTile)
            Band(top, Math.Min(RowsPerTile, rows - top));
        rowGradients_RE.Scale_(scale * weight);
        columnGradients_CE.Scale_(scale * weight);
        using var slopes = rows_RE * rowGradients_RE;
        return new SoftmaxTerm(weight * loss, rowGradients_RE, columnGradients_CE, -slopes.sum().ToDouble(), hits);
    }

    private void Band(int top, int height)
    {
        using var scope = NewDisposeScope();
        var rows_rE = rows_RE.narrow(0, top, height);
        var targets_r = tensor(targets.Skip(top).Take(height).Select(target => (long)target).ToArray(), device: rows_RE.device);
        var positives_rE = columns_CE.index_select(0, targets_r);
        var logSumExp_r = Read(rows_rE, targets_r, top);
        loss += (logSumExp_r - (rows_rE * positives_rE).sum(1).Scale_(scale)).sum().ToDouble();
        AddGradients(rows_rE, logSumExp_r, top);
        rowGradients_RE.narrow(0, top, height).AddScaled_(positives_rE, -1);
        columnGradients_CE.AddRows_(targets_r, rows_rE, -1);
    }

    /// <returns>The log-sum-exp of each row's logits.</returns>
    private Tensor Read(Tensor rows_rE, Tensor targets_r, int top)
    {
        Tensor? logSumExp_r = null, best_r = null, bestPlace_r = null;
        foreach (var left in Lefts())
        {
            using var scope = NewDisposeScope();
            var logits_rc = Logits(rows_rE, top, left);
            var (most_r, inTile_r) = logits_rc.max(1);
            var place_r = inTile_r.Plus(tensor((long)left, device: inTile_r.device));
            if (logSumExp_r is null)
            {
                (logSumExp_r, best_r, bestPlace_r) = scope.MoveToOuter(logits_rc.logsumexp(1), most_r, place_r);
                continue;
            }
            bestPlace_r = scope.MoveToOuter(where(most_r > best_r!, place_r, bestPlace_r!));
            best_r = scope.MoveToOuter(maximum(most_r, best_r!));
            logSumExp_r = scope.MoveToOuter(logaddexp(logSumExp_r, logits_rc.logsumexp(1)));
        }
        hits += (int)bestPlace_r!.eq(targets_r).sum().ToInt64();
        return logSumExp_r!;
    }

    private void AddGradients(Tensor rows_rE, Tensor logSumExp_r, int top)
    {
        foreach (var left in Lefts())
        {
            using var scope = NewDisposeScope();
            var columns_cE = Columns(left);
            var softmax_rc = Logits(rows_rE, top, left).sub_(logSumExp_r.unsqueeze(1)).exp_();
            rowGradients_RE.narrow(0, top, rows_rE.size(0)).AddScaled_(softmax_rc.mm(columns_cE), 1);
            columnGradients_CE.narrow(0, left, columns_cE.size(0)).AddScaled_(softmax_rc.t().mm(rows_rE), 1);
        }
    }

    private IEnumerable<int> Lefts()
    {
        for (var left = 0; left < columns_CE.size(0); left += ColumnsPerTile)
            yield return left;
    }

    private Tensor Columns(int left) => columns_CE.narrow(0, left, Math.Min(ColumnsPerTile, columns_CE.size(0) - left));

    private Tensor Logits(Tensor rows_rE, int top, int left)
    {
        var columns_cE = Columns(left);
        var logits_rc = rows_rE.mm(columns_cE.t()).Scale_(scale);
        long[] flat = [.. masks[(top / RowsPerTile, left / ColumnsPerTile)].Select(place => (place.Row - top) * columns_cE.size(0) + place.Column - left)];
        return flat.Length == 0 ? logits_rc : logits_rc.FilledAt(flat, double.NegativeInfinity);
    }
}

/// <param name="Loss">Weighted sum over the rows, in nats.</param>
/// <param name="RowGradients_RE">Of the loss.</param>
/// <param name="ColumnGradients_CE">Of the loss.</param>
/// <param name="LogTemperatureGradient">Of the loss.</param>
/// <param name="Hits">Rows whose positive scores highest.</param>
internal sealed record SoftmaxTerm(
    double Loss, Tensor RowGradients_RE, Tensor ColumnGradients_CE, double LogTemperatureGradient, int Hits);
