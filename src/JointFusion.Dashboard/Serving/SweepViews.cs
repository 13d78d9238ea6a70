using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>A sweep as the cluster has it.</summary>
/// <param name="UsedHours">Device-hours that its runs have held workers so far.</param>
/// <param name="DeviceHours">The most that they may; null: no limit.</param>
/// <param name="Reduction">One of so many goes on beyond a rung; null: no rungs.</param>
/// <param name="Rungs">By the cluster's name of a run: what it was measured at, in their order.</param>
public sealed record LiveSweep(string Name, double UsedHours, double? DeviceHours, int? Reduction, ImmutableDictionary<string, ImmutableArray<RungInfo>> Rungs);

/// <param name="Metric">Such as recall.</param>
public sealed record RungInfo(int Step, string Metric, double Value);

/// <summary>A sweep and its runs.</summary>
/// <param name="State">As that of an experiment.</param>
/// <param name="Runs">In the sweep's order.</param>
/// <inheritdoc cref="LiveSweep"/>
public sealed record SweepInfo(string Name, string State, double UsedHours, double? DeviceHours, int? Reduction, ImmutableArray<SweepRunInfo> Runs);

/// <param name="Rungs">What it was measured at, in their order.</param>
public sealed record SweepRunInfo(RunStatus Run, ImmutableArray<RungInfo> Rungs);
