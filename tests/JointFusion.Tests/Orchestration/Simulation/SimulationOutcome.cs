using System.Diagnostics;
using JointFusion.Orchestration;

namespace JointFusion.Tests;

/// <param name="Attempts">All runs' together.</param>
/// <param name="AttemptsWithoutFaults">That the same runs take where nothing goes wrong but they themselves.</param>
/// <param name="Yields">Attempts that ended in favour of others.</param>
/// <param name="Grown">Attempts with more ranks than the one before; <paramref name="Shrunk"/>: with fewer.</param>
/// <param name="Quarantines">Of slots.</param>
/// <param name="Fingerprint">Of the journal.</param>
internal sealed record SimulationOutcome(TimeSpan VirtualTime, int Attempts, int AttemptsWithoutFaults, int Yields, int Grown, int Shrunk, int Quarantines, int Faults, string Fingerprint, DecisionTimes Decisions);

/// <summary>How long <see cref="ClusterState.Process"/> took, in real time.</summary>
internal sealed class DecisionTimes
{
    private readonly List<double> milliseconds = [];

    public int Count => milliseconds.Count;

    public double Mean => milliseconds.Average();

    public double Of(double share) => milliseconds.Order().ElementAt((int)(share * (milliseconds.Count - 1)));

    public T Timed<T>(ClusterCommand command, Func<T> decide)
    {
        if (command is StepReport)
            return decide();
        var start = Stopwatch.GetTimestamp();
        var decision = decide();
        milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        return decision;
    }
}
