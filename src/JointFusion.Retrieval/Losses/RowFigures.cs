using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>How each local row of a batch stands: its loss, its positive's logit, and the highest logit of a wrong candidate.</summary>
public sealed class RowFigures
{
    private readonly int[] targets;

    /// <param name="targets">By row, the column of its positive.</param>
    internal RowFigures(int[] targets)
    {
        this.targets = targets;
        (Loss, Positive, Wrong, WrongColumn) = (new double[targets.Length], new double[targets.Length], new double[targets.Length], new int[targets.Length]);
        Array.Fill(Wrong, double.NegativeInfinity);
        Array.Fill(WrongColumn, -1);
    }

    /// <summary>By row, in nats.</summary>
    public double[] Loss { get; }

    /// <summary>By row, the logit of its positive.</summary>
    public double[] Positive { get; }

    /// <summary>By row, the highest logit beside the positive's that is not masked; minus infinity where there is none.</summary>
    public double[] Wrong { get; }

    /// <summary>By row, where that is, the leftmost among equals; -1 where there is none.</summary>
    public int[] WrongColumn { get; }

    /// <summary>Rows whose positive scores highest; among equals the leftmost counts.</summary>
    public int Hits => Enumerable.Range(0, targets.Length).Count(IsHit);

    public bool IsHit(int row) => Positive[row] > Wrong[row] || (Positive[row] == Wrong[row] && targets[row] < WrongColumn[row]);

    /// <summary>Takes those of some of the rows, whose candidates are some of these.</summary>
    internal void Take(RowFigures of, int firstRow, int firstColumn)
    {
        of.Loss.CopyTo(Loss, firstRow);
        of.Positive.CopyTo(Positive, firstRow);
        of.Wrong.CopyTo(Wrong, firstRow);
        for (var row = 0; row < of.WrongColumn.Length; row++)
            WrongColumn[firstRow + row] = of.WrongColumn[row] < 0 ? -1 : firstColumn + of.WrongColumn[row];
    }

    /// <summary>Once for each tile, from left to right.</summary>
    internal void AddScores(LogitTile tile, Tensor logits_rc)
    {
        using var scope = NewDisposeScope();
        var (top, own) = (tile.Band.Top, Own(tile));
        var wrong_rc = logits_rc;
        if (own.Length > 0)
        {
            var flat = own.Select(row => (row - top) * (long)tile.Width + targets[row] - tile.Left).ToArray();
            foreach (var (row, positive) in own.Zip(Read<double>(logits_rc.view(-1).index_select(0, tensor(flat, device: logits_rc.device)).to(ScalarType.Float64))))
                Positive[row] = positive;
            wrong_rc = logits_rc.FilledAt(flat, double.NegativeInfinity);
        }
        var (highest_r, place_r) = wrong_rc.max(1);
        var (highest, place) = (Read<double>(highest_r.to(ScalarType.Float64)), Read<long>(place_r));
        for (var r = 0; r < highest.Length; r++)
        {
            if (highest[r] > Wrong[top + r])
                (Wrong[top + r], WrongColumn[top + r]) = (highest[r], tile.Left + (int)place[r]);
        }
    }

    /// <summary>Adds to the losses of a band's rows.</summary>
    internal void AddLoss(LogitBand band, Tensor loss_r)
    {
        using var scope = NewDisposeScope();
        foreach (var (r, loss) in Read<double>(loss_r.to(ScalarType.Float64)).Index())
            Loss[band.Top + r] += loss;
    }

    /// <summary>Rows of the tile's band whose positive stands in the tile.</summary>
    private int[] Own(LogitTile tile) =>
        [.. Enumerable.Range(tile.Band.Top, tile.Band.Height).Where(row => targets[row] >= tile.Left && targets[row] < tile.Left + tile.Width)];

    private static T[] Read<T>(Tensor tensor) where T : unmanaged => tensor.cpu().data<T>().ToArray();
}
