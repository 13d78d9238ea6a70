using System.Diagnostics;
using JointFusion.Orchestration;

namespace JointFusion.Tests;

/// <param name="Attempts">All runs' together.</param>
/// <param name="AttemptsWithoutFaults">That the same runs take where nothing goes wrong but they themselves.</param>
/// <param name="Yields">Attempts that ended in favour of others.</param>
/// <param name="Quarantines">Of slots.</param>
/// <param name="Fingerprint">Of the journal.</param>
internal sealed record SimulationOutcome(TimeSpan VirtualTime, int Attempts, int AttemptsWithoutFaults, int Yields, int Quarantines, int Faults, string Fingerprint, DecisionTimes Decisions)
{
    /// <summary>Runs that their sweeps ended early.</summary>
    public int Pruned { get; init; }

    /// <summary>Attempts with more ranks than the one before.</summary>
    public int Grown { get; init; }

    /// <summary>Attempts with fewer.</summary>
    public int Shrunk { get; init; }

    /// <summary>Attempts on what is left of the slots of the one before, the others having been yielded.</summary>
    public int Kept { get; init; }

    /// <summary>Attempts that began where another run's stage had ended.</summary>
    public int Adoptions { get; init; }
}

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
