using TorchSharp;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Where each row of a band has its highest logit, over tiles from left to right; among equals the leftmost.</summary>
internal sealed class BestColumn
{
    private Tensor? highest_r;
    private Tensor? place_r;

    /// <param name="scope">Of the tile; the band's scope lies around it.</param>
    public void Add(Tensor logits_rc, int left, DisposeScope scope)
    {
        var (tileHighest_r, inTile_r) = logits_rc.max(1);
        var tilePlace_r = inTile_r.Plus(tensor((long)left, device: inTile_r.device));
        if (highest_r is null)
        {
            (highest_r, place_r) = scope.MoveToOuter(tileHighest_r, tilePlace_r);
            return;
        }
        place_r = scope.MoveToOuter(where(tileHighest_r > highest_r, tilePlace_r, place_r!));
        highest_r = scope.MoveToOuter(maximum(tileHighest_r, highest_r));
    }

    /// <returns>Rows whose highest logit is the target's.</returns>
    public int Hits(Tensor targets_r) => (int)place_r!.eq(targets_r).sum().ToInt64();
}
