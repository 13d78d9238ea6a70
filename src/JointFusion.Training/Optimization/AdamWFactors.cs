using System.Numerics;

namespace JointFusion.Training;

/// <summary>What all elements of an update are multiplied with.</summary>
/// <param name="Clip">The gradient.</param>
/// <param name="Shrink">The value: 1 - rate x decay.</param>
/// <param name="Rate">The step, the first moment's bias corrected.</param>
/// <param name="Correction">The square root of the second moment: its bias corrected.</param>
internal readonly record struct AdamWFactors<T>(T Beta1, T OneMinusBeta1, T Beta2, T OneMinusBeta2, T Epsilon, T Clip, T Shrink, T Rate, T Correction)
    where T : IFloatingPointIeee754<T>
{
    public AdamWFactors<TOther> To<TOther>() where TOther : IFloatingPointIeee754<TOther> => new(
        TOther.CreateTruncating(Beta1), TOther.CreateTruncating(OneMinusBeta1), TOther.CreateTruncating(Beta2), TOther.CreateTruncating(OneMinusBeta2), TOther.CreateTruncating(Epsilon), TOther.CreateTruncating(Clip), TOther.CreateTruncating(Shrink), TOther.CreateTruncating(Rate), TOther.CreateTruncating(Correction));
}
