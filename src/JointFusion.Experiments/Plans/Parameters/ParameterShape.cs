using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>A parameter as it is known before a tensor exists.</summary>
/// <param name="Name">As in a checkpoint.</param>
/// <param name="Shape">Empty for a scalar.</param>
public sealed record ParameterShape(string Name, ImmutableArray<long> Shape)
{
    public long Count
    {
        get
        {
            var product = 1L;
            foreach (var size in Shape)
                product *= size;
            return product;
        }
    }

    /// <summary>Matrices and tables decay; biases, norms and scalars do not.</summary>
    public bool Decays => Shape.Length >= 2;
}
