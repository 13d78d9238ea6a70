using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>How far one computed tensor is from its golden one.</summary>
/// <param name="Tensor"><c>case.tensor</c>.</param>
/// <param name="Elements">How many were compared.</param>
/// <param name="Error">Where error and tolerance are in the worst ratio; null where nothing could be compared.</param>
/// <param name="Tolerance">At the same element.</param>
/// <param name="Fault">Why it fails beyond its error: not computed, of another shape, not a number; null if it does not.</param>
public sealed record TensorComparison(string Tensor, long Elements, double? Error, double? Tolerance, string? Fault)
{
    public bool Holds => Fault is null && Error <= Tolerance;

    /// <param name="mask_NS">1 at the rows to compare; null: all.</param>
    internal static TensorComparison Of(string name, Tensor? actual, Tensor expected, GoldenOutput golden, Tensor? mask_NS)
    {
        using var scope = NewDisposeScope();
        if (actual is null)
            return new(name, 0, null, null, "not computed");
        if (!actual.shape.SequenceEqual(expected.shape) || !expected.shape.SequenceEqual(golden.Shape))
            return new(name, 0, null, null, $"has shape {TensorEntry.Describe(actual.shape)}, expected {TensorEntry.Describe(golden.Shape)}");
        var (want, got) = (expected.to(ScalarType.Float64), actual.to(ScalarType.Float64).cpu());
        var (absolute, relative) = golden.Tolerance;
        var errors = (got - want).abs();
        var tolerances = want.abs().Times(relative).Shifted(absolute);
        if (mask_NS is not null)
            (errors, tolerances) = (Rows(errors, mask_NS), Rows(tolerances, mask_NS));
        if (errors.numel() == 0)
            return new(name, 0, null, null, "no element to compare");
        if (!errors.isfinite().all().item<bool>())
            return new(name, errors.numel(), null, null, "is not finite");
        var worst = (absolute == 0 ? errors : errors / tolerances).argmax().item<long>();
        return new(name, errors.numel(), errors.reshape(-1)[worst].item<double>(), tolerances.reshape(-1)[worst].item<double>(), null);
    }

    private static Tensor Rows(Tensor compared, Tensor mask_NS) =>
        compared.flatten(0, 1).index_select(0, mask_NS.reshape(-1).EqualTo(1).nonzero().squeeze(1));
}
