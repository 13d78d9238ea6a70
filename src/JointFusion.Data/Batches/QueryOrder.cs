using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Data;

/// <summary>In which order a stage visits its training queries. Thread-safe.</summary>
/// <remarks>
/// Epochs of sub-batches in an order keyed by seed, stage and epoch; each sub-batch from one group of queries, itself in such an order.
/// What is left of a group after its last whole sub-batch waits for another epoch. Mixed tasks are one group with sub-batches of one.
/// </remarks>
internal sealed class QueryOrder
{
    private readonly ImmutableArray<Group> groups;
    private readonly int subBatch;
    private readonly int subBatchesAnEpoch;
    private readonly int seed;
    private readonly int stage;

    /// <param name="queries">All of the stage's.</param>
    public QueryOrder(ImmutableArray<Query> queries, StagePlan stage, int seed)
    {
        (this.seed, this.stage, subBatch) = (seed, stage.Index, stage.Spec.SubBatch ?? 1);
        var first = 0;
        groups = [.. queries.GroupBy(query => stage.Spec.SubBatch is null ? 0 : query.Task).OrderBy(group => group.Key).Select(Next)];
        subBatchesAnEpoch = first;

        Group Next(IGrouping<int, Query> members)
        {
            var group = new Group(members.Key, first, [.. members]);
            first += group.Queries.Length / subBatch;
            return group;
        }
    }

    /// <param name="drawn">Queries of the stage drawn before.</param>
    public Query At(long drawn)
    {
        var (ordinal, row) = Math.DivRem(drawn, subBatch);
        var (epoch, position) = Math.DivRem(ordinal, subBatchesAnEpoch);
        var slot = new KeyedPermutation(subBatchesAnEpoch, CounterRandom.Key(seed, stage, (int)epoch))[(int)position];
        var group = groups.Last(group => group.FirstSubBatch <= slot && group.Queries.Length >= subBatch);
        var order = new KeyedPermutation(group.Queries.Length, CounterRandom.Key(seed, stage, (int)epoch, group.Task));
        return group.Queries[order[((slot - group.FirstSubBatch) * subBatch) + (int)row]];
    }

    /// <param name="FirstSubBatch">Of the epoch's, before they are put in order.</param>
    private sealed record Group(int Task, int FirstSubBatch, ImmutableArray<Query> Queries);
}
