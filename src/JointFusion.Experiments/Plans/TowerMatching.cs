namespace JointFusion.Experiments;

/// <summary>Sizes the towers of a late retriever so that it costs what the early retriever of its preset costs.</summary>
/// <remarks>
/// All its transformers share width, heads and MLP width; depth is the early tower's. At a given width the cost is affine in the MLP width,
/// cost(M) = cost(0) + M * (cost(1) - cost(0)), so the MLP width that meets the target follows directly. Among the widths (multiples of the
/// heads) the one whose ratio of MLP width to width lies nearest the early tower's is taken. One unit of MLP width is about 0.1% of the
/// cost, so rounding leaves the match well within 1%.
/// </remarks>
internal static class TowerMatching
{
    public static RetrieverShape Match(RetrieverShape early, Fusion fusion, Matching matching, int fusionLayers)
    {
        var tower = early.Joint!;
        var target = Cost(early, matching);
        RetrieverShape? best = null;
        var leastDistortion = double.PositiveInfinity;
        // At the early tower's width two towers of its MLP ratio are already too large in parameters; FLOPs may allow slightly wider ones.
        for (var width = tower.Heads; width <= 2 * tower.Width; width += tower.Heads)
        {
            RetrieverShape Late(int mlpWidth) => Build(early, fusion, tower with { Width = width, MlpWidth = mlpWidth }, fusionLayers);

            var fixedCost = Cost(Late(0), matching);
            var costOfOneUnit = Cost(Late(1), matching) - fixedCost;
            var mlpWidth = (int)Math.Round((target - fixedCost) / costOfOneUnit);
            if (mlpWidth < 1)
                break; // Wider towers overshoot even without an MLP.

            var distortion = Math.Abs(Math.Log((double)mlpWidth / width / ((double)tower.MlpWidth / tower.Width)));
            if (distortion < leastDistortion)
                (leastDistortion, best) = (distortion, Late(mlpWidth));
        }

        return best ?? throw new InvalidOperationException($"No {fusion} towers match the early tower in {matching}.");
    }

    private static double Cost(RetrieverShape shape, Matching matching) => matching switch
    {
        Matching.Parameters => shape.Parameters(),
        Matching.Flops => shape.FlopsPerPair(),
        _ => throw new ArgumentOutOfRangeException(nameof(matching), matching, "A matching without a cost."),
    };

    private static RetrieverShape Build(RetrieverShape early, Fusion fusion, TransformerShape tower, int fusionLayers) => early with
    {
        Fusion = fusion,
        Joint = null,
        ImageTower = tower,
        TextTower = tower,
        FusionTower = fusion == Fusion.Feature && early.FeatureMixer == FeatureMixer.Transformer ? tower with { Layers = fusionLayers } : null,
    };
}
