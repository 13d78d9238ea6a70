using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>One figure with every condition it holds under. Rows whose conditions differ are never compared silently.</summary>
public sealed record ResultRow
{
    public required string Run { get; init; }

    /// <summary>early, score, feature or isolated; pixels for the raw-pixel nearest neighbour, which is not trained.</summary>
    public required string Fusion { get; init; }

    public required int Seed { get; init; }

    /// <summary>Data set and its manifest hash, such as <c>icons@1f2e3d4c5b6a</c>.</summary>
    public required string Data { get; init; }

    public required string Split { get; init; }
    public required PoolKind Pool { get; init; }
    public required int PoolSize { get; init; }
    public required int Task { get; init; }

    /// <summary>Of the data set, such as add or toggle; <c>all</c> for the whole task.</summary>
    public required string Operation { get; init; }

    /// <summary>recall (UniIR's: any relevant in the top k) or true_recall (fraction of the relevant in the top k).</summary>
    public required string Metric { get; init; }

    public required int K { get; init; }
    public required double Value { get; init; }

    /// <summary>95% bootstrap interval, resampled by concept.</summary>
    public required double CiLow { get; init; }
    public required double CiHigh { get; init; }

    public required int Queries { get; init; }

    /// <summary>What of the query the retriever was given: query (all of it), image or text.</summary>
    public required string Inputs { get; init; }

    /// <summary>first: each query's first instruction; none.</summary>
    public required string Instructions { get; init; }

    /// <summary>Whether the query's own picture may be returned. Always true where the query has none.</summary>
    public required bool OwnImageInPool { get; init; }

    /// <summary>all, or only queries whose targets were seen (or unseen) in training.</summary>
    public required string Targets { get; init; }

    /// <summary>Names of the stages trained, joined by '+'.</summary>
    public required string Stages { get; init; }

    public required string Ledger { get; init; }

    /// <summary>Plan hash.</summary>
    public required string Plan { get; init; }
}

/// <summary>evaluation.json of one run, and (rows of all runs) results.json of an experiment.</summary>
public sealed record EvaluationReport(int Schema, ImmutableArray<ResultRow> Rows);

/// <summary>One line of outcomes.jsonl: how one query fared in one pool. Holds what paired comparisons between runs need.</summary>
public sealed record QueryOutcome
{
    public required string QueryId { get; init; }
    public required string Split { get; init; }
    public required PoolKind Pool { get; init; }
    public required int Task { get; init; }
    public required string Operation { get; init; }

    /// <summary>The bootstrap's cluster: queries about one concept are resampled together.</summary>
    public required string Concept { get; init; }

    public required bool TargetSeen { get; init; }

    /// <summary>Number of relevant candidates.</summary>
    public required int Relevant { get; init; }

    public required ImmutableArray<OutcomeRanks> Ranks { get; init; }

    /// <summary>The first ids returned for the whole query with its own picture left out; local pool only, otherwise empty.</summary>
    public required ImmutableArray<string> Top { get; init; }
}

/// <summary>Ranks (from 1, ascending, none beyond the largest k evaluated) of a query's relevant candidates under one condition.</summary>
/// <param name="Inputs">query, image or text; pixels for the raw-pixel baseline.</param>
public sealed record OutcomeRanks(string Inputs, bool OwnImageInPool, ImmutableArray<int> Found)
{
    /// <summary>UniIR's: 1 if any relevant candidate is in the top k.</summary>
    public double Recall(int k) => !Found.IsEmpty && Found[0] <= k ? 1 : 0;

    /// <summary>The fraction of the relevant candidates in the top k.</summary>
    public double TrueRecall(int k, int relevant) => Found.Count(rank => rank <= k) / (double)relevant;
}
