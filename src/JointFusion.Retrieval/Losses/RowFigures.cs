using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>How each local row of a batch stands: its loss, its positive's logit, and the highest logit of a wrong candidate.</summary>
/// <remarks>Kept on the device, and read when somebody asks: whoever trains on a GPU hands over the backward pass first, and does not let it wait.</remarks>
public sealed class RowFigures
{
    private readonly Tensor targets_R;
    private readonly Tensor loss_R;
    private readonly Tensor positive_R;
    private readonly Tensor wrong_R;
    private readonly Tensor wrongColumn_R;
    private Numbers? read;

    /// <param name="targets">By row, the column of its positive.</param>
    internal RowFigures(int[] targets, Device device)
    {
        Targets = targets;
        targets_R = tensor(targets.Select(target => (long)target).ToArray()).Sent(device);
        (loss_R, positive_R) = (zeros(targets.Length, ScalarType.Float64, device), zeros(targets.Length, ScalarType.Float64, device));
        wrong_R = loss_R.Shifted(double.NegativeInfinity);
        wrongColumn_R = zeros(targets.Length, ScalarType.Int64, device).Shifted(-1L);
    }

    /// <summary>By row, the column of its positive.</summary>
    public int[] Targets { get; }

    /// <summary>By row, in nats.</summary>
    public double[] Loss => Read.Loss;

    /// <summary>By row, the logit of its positive.</summary>
    public double[] Positive => Read.Positive;

    /// <summary>By row, the highest logit beside the positive's that is not masked; minus infinity where there is none.</summary>
    public double[] Wrong => Read.Wrong;

    /// <summary>By row, where that is, the leftmost among equals; -1 where there is none.</summary>
    public int[] WrongColumn => Read.WrongColumn;

    /// <summary>Rows whose positive scores highest; among equals the leftmost counts.</summary>
    public int Hits => Enumerable.Range(0, Targets.Length).Count(IsHit);

    private Numbers Read => read ??= Fetch();

    public bool IsHit(int row) => Positive[row] > Wrong[row] || (Positive[row] == Wrong[row] && Targets[row] < WrongColumn[row]);

    /// <summary>Int64, the columns of some rows' positives.</summary>
    internal Tensor TargetsOf(LogitBand band) => targets_R.narrow(0, band.Top, band.Height);

    /// <summary>Takes those of some of the rows, whose candidates are some of these.</summary>
    internal void Take(RowFigures of, int firstRow, int firstColumn)
    {
        using var scope = NewDisposeScope();
        read = null;
        var count = of.Targets.Length;
        loss_R.narrow(0, firstRow, count).copy_(of.loss_R);
        positive_R.narrow(0, firstRow, count).copy_(of.positive_R);
        wrong_R.narrow(0, firstRow, count).copy_(of.wrong_R);
        wrongColumn_R.narrow(0, firstRow, count).copy_(of.wrongColumn_R.Shifted((long)firstColumn).where(of.wrongColumn_R.AtLeast(0), of.wrongColumn_R));
    }

    /// <summary>Once for each tile, from left to right.</summary>
    internal void AddScores(LogitTile tile, Tensor logits_rc)
    {
        using var scope = NewDisposeScope();
        read = null;
        var place_r1 = TargetsOf(tile.Band).Shifted((long)-tile.Left).unsqueeze(1);
        var isTarget_rc = Scalars.Counting(0, tile.Width, logits_rc.device).eq(place_r1);
        var positives_r = logits_rc.gather(1, place_r1.clone().ClampTo_(0L, tile.Width - 1L)).squeeze(1).to(ScalarType.Float64);
        Keep(positive_R, tile.Band, positives_r, isTarget_rc.any(1));
        var (highest_r, column_r) = logits_rc.FilledWhere(isTarget_rc, double.NegativeInfinity).max(1);
        var wide_r = highest_r.to(ScalarType.Float64);
        var isHigher_r = wide_r.gt(wrong_R.narrow(0, tile.Band.Top, tile.Band.Height));
        Keep(wrong_R, tile.Band, wide_r, isHigher_r);
        Keep(wrongColumn_R, tile.Band, column_r.Shifted((long)tile.Left), isHigher_r);
    }

    /// <summary>Adds to the losses of a band's rows.</summary>
    internal void AddLoss(LogitBand band, Tensor loss_r)
    {
        using var scope = NewDisposeScope();
        read = null;
        loss_R.narrow(0, band.Top, band.Height).AddScaled_(loss_r.to(ScalarType.Float64), 1);
    }

    /// <summary>Adds another loss of the same rows.</summary>
    internal void AddLoss(RowFigures of)
    {
        read = null;
        loss_R.AddScaled_(of.loss_R, 1);
    }

    internal void ScaleLoss(double factor)
    {
        read = null;
        loss_R.Scale_(factor);
    }

    private static void Keep(Tensor numbers_R, LogitBand band, Tensor new_r, Tensor where_r)
    {
        var kept_r = numbers_R.narrow(0, band.Top, band.Height);
        kept_r.copy_(new_r.where(where_r, kept_r));
    }

    /// <summary>In one copy, which waits for all that a GPU was given before.</summary>
    private Numbers Fetch()
    {
        using var scope = NewDisposeScope();
        var all_4R = stack([loss_R, positive_R, wrong_R, wrongColumn_R.to(ScalarType.Float64)], 0).cpu();
        double[] Row(int figure) => all_4R.select(0, figure).data<double>().ToArray();
        return new Numbers(Row(0), Row(1), Row(2), Array.ConvertAll(Row(3), column => (int)column));
    }

    private sealed record Numbers(double[] Loss, double[] Positive, double[] Wrong, int[] WrongColumn);
}
