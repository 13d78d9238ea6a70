using System.Collections.Immutable;

namespace JointFusion.Retrieval;

/// <summary>How a backbone compares with a golden set.</summary>
/// <param name="Model">The reference's class.</param>
/// <param name="Reference">Version of the library.</param>
public sealed record GoldenReport(string Set, string Model, string Reference, ImmutableArray<GoldenCaseReport> Cases)
{
    public bool Holds => Cases.All(@case => @case.Holds);

    /// <summary>Tensors of all cases.</summary>
    public int Tensors => Cases.Sum(@case => @case.Tensors.Length);

    public int TensorsHeld => Cases.Sum(@case => @case.Tensors.Count(tensor => tensor.Holds));

    /// <summary>How many numbers were compared.</summary>
    public long Elements => Cases.Sum(@case => @case.Tensors.Sum(tensor => tensor.Elements));
}

/// <param name="Fault">Why the case could not be computed; null if it was.</param>
public sealed record GoldenCaseReport(string Case, string? Fault, ImmutableArray<TensorComparison> Tensors)
{
    public bool Holds => Fault is null && !Tensors.IsEmpty && Tensors.All(tensor => tensor.Holds);
}
