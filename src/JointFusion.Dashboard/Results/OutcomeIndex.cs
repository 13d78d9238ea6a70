using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>A run's outcomes by split, pool and task, so that a row's queries are found without a scan.</summary>
internal sealed class OutcomeIndex(IEnumerable<QueryOutcome> outcomes)
{
    private readonly ILookup<(string, PoolKind, int), QueryOutcome> groups =
        outcomes.ToLookup(outcome => (outcome.Split, outcome.Pool, outcome.Task));

    /// <summary>The score of each query that a row is the mean of, in the order of query ids.</summary>
    public ImmutableArray<QueryScore> Scores(RowKey key) =>
        [.. groups[(key.Split, key.Pool, key.Task)]
            .Where(outcome => Covers(key, outcome))
            .Select(outcome => Score(key, outcome))
            .OfType<QueryScore>()
            .OrderBy(score => score.QueryId, StringComparer.Ordinal)];

    private static bool Covers(RowKey key, QueryOutcome outcome)
    {
        var operation = key.Operation switch
        {
            Operations.All => true,
            Operations.AllButControl => !Operations.IsControl(outcome.Operation),
            _ => outcome.Operation == key.Operation,
        };
        return operation && key.Targets switch { "seen" => outcome.TargetSeen, "unseen" => !outcome.TargetSeen, _ => true };
    }

    private static QueryScore? Score(RowKey key, QueryOutcome outcome)
    {
        var ranks = outcome.Ranks.FirstOrDefault(r => r.Inputs == key.Inputs && r.OwnImageInPool == key.OwnImageInPool);
        if (ranks is null)
            return null;
        var value = key.Metric == "true_recall" ? ranks.TrueRecall(key.K, outcome.Relevant) : ranks.Recall(key.K);
        return new QueryScore(outcome.QueryId, outcome.Concept, outcome.Relevant, value);
    }
}

/// <summary>How one query fared under one condition.</summary>
internal sealed record QueryScore(string QueryId, string Concept, int Relevant, double Value);
