using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>A data set's files as <see cref="MbeirDataset"/> wants them, in whatever format they are.</summary>
internal interface ISetFiles
{
    /// <summary>The position is the dense index.</summary>
    ImmutableArray<Candidate> Candidates { get; }

    /// <summary>In the order val, test, then others by name.</summary>
    ImmutableArray<string> EvaluationSplits { get; }

    /// <summary>Every prompt that may stand before a query.</summary>
    IEnumerable<string> Instructions { get; }

    /// <summary>Tasks that have candidates of their own, ascending.</summary>
    ImmutableArray<int> LocalTasks { get; }

    /// <summary>Prompts for a query that is none of the set's own; empty where it has none.</summary>
    ImmutableArray<string> InstructionsOf(MbeirTask task);

    /// <summary>Empty: it has none in that split.</summary>
    ImmutableArray<Query> Queries(string split);

    /// <summary>The task's own candidates, ascending; empty: it has none.</summary>
    ImmutableArray<int> Local(int task);

    /// <summary>The candidates that are searched whatever the task, ascending.</summary>
    ImmutableArray<int> Global();
}
