namespace JointFusion.Experiments;

/// <summary>How a stage trains the parameters of some names. Part of the science.</summary>
public sealed record ParameterRule
{
    /// <summary>Whole names as in a checkpoint, with <c>*</c> for any characters: <c>*.imageTower.*</c>. Of several rules that fit a name, the first counts.</summary>
    public required string Match { get; init; }

    /// <summary>Times the stage's rate at every step, above 0. Default 1.</summary>
    public double? Rate { get; init; }

    /// <summary>In place of the stage's, for matrices and embeddings; norms and biases are never decayed. Default: the stage's.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>Whether they stay as the stage finds them: no gradient, no moments, not part of the norm that is clipped. Default false.</summary>
    public bool Frozen { get; init; }
}
