using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace JointFusion.Orchestration;

/// <summary>What a coordinator measures of itself, for whoever listens in its process.</summary>
public static class ClusterMeter
{
    public const string Name = "JointFusion.Orchestration";

    /// <summary>Seconds from a command to the events that follow from it, before they are journalled.</summary>
    public const string DecisionTime = "jointfusion.decision.duration";

    private static readonly Meter Meter = new(Name);
    private static readonly Histogram<double> Decisions = Meter.CreateHistogram<double>(DecisionTime, "s", "Time from a command to the events that follow from it.");

    internal static void Decided(long began) => Decisions.Record(Stopwatch.GetElapsedTime(began).TotalSeconds);
}
