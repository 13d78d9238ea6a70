using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>One query of one split.</summary>
public sealed record Query
{
    /// <summary>The data set's id, such as <c>10:7</c>.</summary>
    public required string Id { get; init; }

    /// <summary>M-BEIR's number of the data set that the query comes from: what stands before the id's colon.</summary>
    public int DataSet => MbeirId.DataSet(Id) ?? throw new InvalidOperationException($"{Id} is not <data set>:<number>.");

    public string? Text { get; init; }

    /// <summary>Relative to the root, with forward slashes.</summary>
    public string? ImagePath { get; init; }

    /// <summary>M-BEIR task id.</summary>
    public required int Task { get; init; }

    /// <summary>Finer than the task, such as add or toggle; <c>all</c> where the data set names none.</summary>
    public required string Operation { get; init; }

    /// <summary>What the query is about: bootstraps resample by it. The query's own id where the data set names none.</summary>
    public required string Concept { get; init; }

    /// <summary>Whether every relevant candidate was a positive in training. True where the data set says nothing.</summary>
    public required bool TargetSeen { get; init; }

    /// <summary>Relevant candidates by dense index; at least one.</summary>
    public required ImmutableArray<int> Positives { get; init; }

    /// <summary>Of a training query: candidates that its data set calls wrong though close, by dense index, none of them a positive.</summary>
    public ImmutableArray<int> HardNegatives { get; init; } = [];

    /// <summary>The data set's prompts for this kind of query, in the file's order; empty where it has none.</summary>
    public required ImmutableArray<string> Instructions { get; init; }
}
