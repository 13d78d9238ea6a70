using System.Collections.Immutable;
using JointFusion.Data;
using JointFusion.Experiments;

namespace JointFusion.Retrieval;

/// <summary>Ranked lists -> how each query fared in each pool, under every condition.</summary>
/// <param name="candidates">By dense index.</param>
/// <param name="depth">The largest k evaluated.</param>
public sealed class OutcomeBuilder(ImmutableArray<Candidate> candidates, int depth)
{
    private const int ShownInReport = 5;

    private readonly string?[] imageOf = [.. candidates.Select(candidate => candidate.ImagePath)];

    public IEnumerable<QueryOutcome> Build(IEnumerable<RankedList> lists) =>
        lists.GroupBy(list => (list.Request.Query.Id, list.Pool)).Select(group => Outcome([.. group]));

    private QueryOutcome Outcome(RankedList[] lists)
    {
        var request = lists.Single(list => list.Request.Inputs == EvaluationRequest.Whole).Request;
        var query = request.Query;
        bool[] ownInPool = query.ImagePath is null ? [true] : [true, false];
        return new QueryOutcome
        {
            QueryId = query.Id,
            Split = request.Split,
            Pool = lists[0].Pool,
            Task = query.Task,
            Operation = query.Operation,
            Concept = query.Concept,
            TargetSeen = query.TargetSeen,
            Relevant = query.Positives.Length,
            Ranks = [.. from list in lists from own in ownInPool select Ranks(list, own)],
            Top = lists[0].Pool == PoolKind.Local ? Top(lists) : [],
        };
    }

    private OutcomeRanks Ranks(RankedList list, bool ownInPool)
    {
        var relevant = list.Request.Query.Positives;
        var found = list.Without(ownImage: !ownInPool, imageOf)
            .Take(depth)
            .Select((candidate, place) => (candidate, rank: place + 1))
            .Where(hit => relevant.Contains(hit.candidate))
            .Select(hit => hit.rank);
        return new OutcomeRanks(list.Request.Inputs, ownInPool, [.. found]);
    }

    private ImmutableArray<string> Top(RankedList[] lists) =>
        [.. lists.Single(list => list.Request.Inputs == EvaluationRequest.Whole)
            .Without(ownImage: true, imageOf)
            .Take(ShownInReport)
            .Select(candidate => candidates[candidate].Did)];
}
