namespace JointFusion.Experiments;

/// <summary>How the optimizer of a stage takes one parameter; parameters of equal values are one group.</summary>
/// <param name="Decays">Whether it is of those that decay: see <see cref="ParameterShape.Decays"/>.</param>
/// <param name="Rate">Times the stage's rate.</param>
/// <param name="Decay">In place of the stage's weight decay; null: that. Without a meaning where it does not decay.</param>
/// <param name="Frozen">It has no gradient and stays as the stage finds it.</param>
public readonly record struct ParameterTraining(bool Decays, double Rate = 1, double? Decay = null, bool Frozen = false)
{
    /// <summary>Decoupled decay under a stage's.</summary>
    public double WeightDecay(double ofStage) => Decays && !Frozen ? Decay ?? ofStage : 0;
}
