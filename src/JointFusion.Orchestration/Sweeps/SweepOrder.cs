using System.Text.Json.Serialization;

namespace JointFusion.Orchestration;

/// <summary>A sweep as it is submitted; its runs name it in their orders.</summary>
/// <param name="Sweep">Unique name.</param>
/// <param name="Reduction">One of so many that come to a rung is promoted; null: no rungs.</param>
/// <param name="DeviceHours">That its runs may hold slots, those of all added up; null: no limit.</param>
public sealed record SweepOrder(
    string Sweep,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int? Reduction = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] double? DeviceHours = null);

/// <summary>Something that happened to a sweep as a whole.</summary>
public interface ISweepEvent : IJournalEvent;

/// <summary>Submitted, or submitted again with another order, which takes the place of the one before.</summary>
public sealed record SweepSubmitted(SweepOrder Order, DateTimeOffset At) : ISweepEvent;
