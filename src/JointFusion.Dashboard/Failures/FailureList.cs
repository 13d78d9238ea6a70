using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>How one query of a finished run fared in the local pool, its own picture left out.</summary>
/// <param name="Rank">Of the first relevant candidate; null: beyond the largest k that was evaluated.</param>
public sealed record FaredQuery(QueryOutcome Outcome, int? Rank)
{
    public static ImmutableArray<FaredQuery> Of(IEnumerable<QueryOutcome> outcomes) =>
        [.. outcomes.Where(outcome => outcome.Pool == PoolKind.Local && outcome.Top.Length > 0).Select(outcome => new FaredQuery(outcome, RankOf(outcome)))];

    private static int? RankOf(QueryOutcome outcome)
    {
        var found = outcome.Ranks.Where(ranks => ranks.Inputs == "query").OrderBy(ranks => ranks.OwnImageInPool).FirstOrDefault()?.Found ?? [];
        return found.IsEmpty ? null : found[0];
    }
}

/// <summary>Which queries a reader wants to see.</summary>
/// <param name="Task">Null: all. So are the others.</param>
/// <param name="Fared">What became of it.</param>
public sealed record FailureFilter(string? Split, int? Task, string? Operation, Fared Fared)
{
    public const int K = 5;

    public bool Takes(FaredQuery query) =>
        (Split is null || query.Outcome.Split == Split) && (Task is null || query.Outcome.Task == Task) && (Operation is null || query.Outcome.Operation == Operation)
        && Fared switch
        {
            Fared.Failed => query.Rank is null or > K,
            Fared.Near => query.Rank is > 1 and <= K,
            Fared.Found => query.Rank == 1,
            _ => true,
        };
}

/// <summary>failed: nothing relevant among the first five; near: not the first, but among them; found: the first.</summary>
public enum Fared { Failed, Near, Found, All }
