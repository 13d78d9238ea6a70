using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>Early minus late fusion over the same queries under the same conditions.</summary>
public sealed record Comparison
{
    /// <summary>Names of the two runs.</summary>
    public required string Early { get; init; }
    public required string Late { get; init; }

    /// <summary>score or feature.</summary>
    public required string LateFusion { get; init; }

    /// <summary>What the late retriever shares with the early one: parameters or flops.</summary>
    public required string MatchedBy { get; init; }

    public required int Seed { get; init; }
    public required string Data { get; init; }
    public required string Split { get; init; }
    public required PoolKind Pool { get; init; }
    public required int PoolSize { get; init; }
    public required int Task { get; init; }

    /// <summary>Of the data set; <c>all</c>; or <see cref="Operations.AllButControl"/>.</summary>
    public required string Operation { get; init; }

    public required string Metric { get; init; }
    public required int K { get; init; }
    public required string Instructions { get; init; }
    public required bool OwnImageInPool { get; init; }
    public required string Targets { get; init; }
    public required string Stages { get; init; }
    public required string Ledger { get; init; }

    public required double EarlyValue { get; init; }
    public required double LateValue { get; init; }

    /// <summary>Mean of the paired differences, early minus late.</summary>
    public required double Difference { get; init; }

    /// <summary>95% bootstrap interval of <see cref="Difference"/>, resampled by concept. It holds for these weights: not over seeds.</summary>
    public required double CiLow { get; init; }
    public required double CiHigh { get; init; }

    public required int Queries { get; init; }
    public required int Concepts { get; init; }
}

/// <summary>A comparison that was not made, and why.</summary>
/// <param name="Rows">How many rows it concerns; 0 for the runs as a whole.</param>
public sealed record RefusedComparison(string Early, string Late, string Reason, int Rows);
