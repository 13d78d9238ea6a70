using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>A parameter as it is known before a tensor exists.</summary>
/// <param name="Name">As in a checkpoint.</param>
/// <param name="Shape">Empty for a scalar.</param>
public sealed record ParameterShape(string Name, ImmutableArray<long> Shape)
{
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Matrices and tables decay; biases, norms and scalars do not.</summary>
    public bool Decays => Shape.Length >= 2;
}
