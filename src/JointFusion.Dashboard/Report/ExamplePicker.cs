using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>Chooses the queries that are shown: by a hash of their ids, in turn over the composed operations. Nothing is picked by its outcome.</summary>
internal static class ExamplePicker
{
    private const int Shown = 12, Returned = 5;

    /// <summary>Of one split; only queries that the catalog knows and that every shown run has an outcome for.</summary>
    public static ImmutableArray<RetrievalExample> Pick(IReadOnlyList<RunResults> runs, string split, IItemCatalog catalog)
    {
        // One run a fusion: those of the other seeds would only repeat the page.
        var shown = runs.Where(run => run.Evaluated).DistinctBy(run => run.Fusion)
            .Select(run => (Run: run, Outcomes: Composed(run, split))).ToList();
        if (shown.Count == 0)
            return [];
        var common = shown[0].Outcomes.Values.Where(outcome => shown.All(other => other.Outcomes.ContainsKey(outcome.QueryId)));
        return [.. InTurn(common)
            .Select(outcome => (Outcome: outcome, View: catalog.Query(outcome.QueryId)))
            .Where(pair => pair.View is not null)
            .Take(Shown)
            .Select(pair => Example(pair.Outcome, pair.View!, [.. shown.Select(s => (s.Run, s.Outcomes[pair.Outcome.QueryId]))], catalog))];
    }

    private static Dictionary<string, QueryOutcome> Composed(RunResults run, string split) =>
        run.Outcomes
            .Where(o => o.Split == split && o.Pool == PoolKind.Local && Operations.IsComposed(o.Task) && !Operations.IsControl(o.Operation))
            .DistinctBy(o => o.QueryId).ToDictionary(o => o.QueryId, StringComparer.Ordinal);

    /// <summary>The first query of each operation by hash, then the second of each, and so on.</summary>
    private static IEnumerable<QueryOutcome> InTurn(IEnumerable<QueryOutcome> outcomes) =>
        outcomes
            .GroupBy(outcome => (outcome.Task, outcome.Operation))
            .SelectMany(group => group.OrderBy(o => Hash(o.QueryId), StringComparer.Ordinal).Select((outcome, turn) => (outcome, turn)))
            .OrderBy(pair => pair.turn).ThenBy(pair => pair.outcome.Task).ThenBy(pair => pair.outcome.Operation, StringComparer.Ordinal)
            .Select(pair => pair.outcome);

    /// <summary>One query with what each of the runs returned; null where a run has no outcome for it, or the catalog no item.</summary>
    public static RetrievalExample? Example(string queryId, IReadOnlyList<RunResults> runs, IItemCatalog catalog)
    {
        var outcomes = runs.Select(run => (Run: run, Outcome: run.Outcomes.FirstOrDefault(o => o.QueryId == queryId && o.Pool == PoolKind.Local))).ToList();
        return outcomes.Exists(pair => pair.Outcome is null) || catalog.Query(queryId) is not { } view
            ? null
            : Example(outcomes[0].Outcome!, view, [.. outcomes.Select(pair => (pair.Run, pair.Outcome!))], catalog);
    }

    private static string Hash(string queryId) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(queryId)));

    private static RetrievalExample Example(
        QueryOutcome outcome, QueryView query, ImmutableArray<(RunResults Run, QueryOutcome Outcome)> runs, IItemCatalog catalog)
    {
        return new RetrievalExample(
            outcome.QueryId, outcome.Split, outcome.Task, outcome.Operation, query.Item,
            [.. query.Wanted.Select(did => new ReturnedItem(did, catalog.Candidate(did), Hit: true))],
            [.. runs.Select(pair => new ReturnedList(
                pair.Run.Name, Marks.Name(pair.Run.Fusion), FirstRank(pair.Outcome), [.. pair.Outcome.Top.Take(Returned).Select(Item)]))]);

        ReturnedItem Item(string did) => new(did, catalog.Candidate(did), query.Wanted.Contains(did));
    }

    private static int? FirstRank(QueryOutcome outcome)
    {
        var found = outcome.Ranks.Where(ranks => ranks.Inputs == "query").OrderBy(ranks => ranks.OwnImageInPool).FirstOrDefault()?.Found ?? [];
        return found.IsEmpty ? null : found[0];
    }
}
