using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>Where the time of a run's steps went, as shares of it.</summary>
public sealed record PhaseShares(ImmutableArray<PhaseShare> Phases, double SecondsPerStep, double PairsPerSecond)
{
    /// <summary>Null before the first step.</summary>
    public static PhaseShares? Of(IReadOnlyCollection<StepMetrics> steps)
    {
        var total = steps.Sum(step => step.Seconds.Total);
        if (total <= 0)
            return null;
        ImmutableArray<PhaseShare> named =
        [
            new("data", steps.Sum(step => step.Seconds.Data) / total),
            new("forward", steps.Sum(step => step.Seconds.Forward) / total),
            new("backward", steps.Sum(step => step.Seconds.Backward) / total),
            new("exchange", steps.Sum(step => step.Seconds.Exchange) / total),
            new("optimizer", steps.Sum(step => step.Seconds.Optimizer) / total),
            new("checkpoint", steps.Sum(step => step.Seconds.Checkpoint) / total),
        ];
        var rest = Math.Max(0, 1 - named.Sum(phase => phase.Share));
        return new PhaseShares(
            [.. named, new("other", rest)], total / steps.Count, steps.Sum(step => step.PairsPerSecond * step.Seconds.Total) / total);
    }
}

/// <param name="Share">Of rank 0's step, 0 to 1.</param>
public sealed record PhaseShare(string Phase, double Share);
