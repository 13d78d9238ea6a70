using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace JointFusion.Experiments;

/// <summary>What a run's sweep asks of it.</summary>
/// <param name="Asha">Null: it is trained to its end, whatever the others come to.</param>
/// <param name="DeviceHours">Of the whole sweep; null: no limit.</param>
public sealed record SweepPlan(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] AshaPlan? Asha = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] double? DeviceHours = null);

/// <param name="Rungs">Steps of this run at which it is measured, ascending, all before its last; it may have none.</param>
/// <param name="Reduction">One of so many goes on beyond a rung.</param>
public sealed record AshaPlan(SweepMetric Metric, ImmutableArray<int> Rungs, int Reduction)
{
    /// <summary>By value.</summary>
    public bool Equals(AshaPlan? other) => other is not null && (Metric, Reduction) == (other.Metric, other.Reduction) && Rungs.SequenceEqual(other.Rungs);

    public override int GetHashCode() => HashCode.Combine(Metric, Reduction, Rungs.Length);
}
