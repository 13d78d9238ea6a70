using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace JointFusion.Experiments;

/// <summary>A plan, or everything that keeps a spec from being planned on its data.</summary>
public sealed record PlanResult
{
    private PlanResult(RunPlan? plan, ImmutableArray<PlanFault> faults) => (Plan, Faults) = (plan, faults);

    public RunPlan? Plan { get; }
    public ImmutableArray<PlanFault> Faults { get; }

    [MemberNotNullWhen(true, nameof(Plan))]
    public bool IsValid => Plan is not null;

    internal static PlanResult Valid(RunPlan plan) => new(plan, []);
    internal static PlanResult Invalid(ImmutableArray<PlanFault> faults) => new(null, faults);
}
