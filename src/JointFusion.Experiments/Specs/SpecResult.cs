using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace JointFusion.Experiments;

/// <summary>A spec, or everything that is wrong with it.</summary>
public sealed record SpecResult
{
    private SpecResult(ExperimentSpec? spec, ImmutableArray<SpecFault> faults) => (Spec, Faults) = (spec, faults);

    /// <summary>Null if there are faults. A relative <c>data.root</c> has been made absolute.</summary>
    public ExperimentSpec? Spec { get; }

    /// <summary>In the order of the file; empty for a valid spec.</summary>
    public ImmutableArray<SpecFault> Faults { get; }

    [MemberNotNullWhen(true, nameof(Spec))]
    public bool IsValid => Spec is not null;

    internal static SpecResult Valid(ExperimentSpec spec) => new(spec, []);

    internal static SpecResult Invalid(IEnumerable<SpecFault> faults) =>
        new(null, [.. faults.Distinct().OrderBy(fault => fault.Line).ThenBy(fault => fault.Column)]);
}
