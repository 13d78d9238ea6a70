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
            var group = new Group(members.Key, first, new WeightedQueries(members, stage.Spec.Weights ?? []));
            if (group.Queries.Count < subBatch)
                throw new DataException($"stage {stage.Spec.Name}: {group.Queries.Count} queries of task {members.Key} an epoch, as they are weighed, and {subBatch} rows in a sub-batch; raise their weight or lower sub_batch.");
            first += group.Queries.Count / subBatch;
            return group;
        }
    }

    /// <param name="drawn">Queries of the stage drawn before.</param>
    public Query At(long drawn)
    {
        var (ordinal, row) = Math.DivRem(drawn, subBatch);
        var (epoch, position) = Math.DivRem(ordinal, subBatchesAnEpoch);
        var slot = new KeyedPermutation(subBatchesAnEpoch, CounterRandom.Key(seed, stage, (int)epoch))[(int)position];
        var group = groups.Last(group => group.FirstSubBatch <= slot);
        var key = CounterRandom.Key(seed, stage, (int)epoch, group.Task);
        var order = new KeyedPermutation(group.Queries.Count, key);
        return group.Queries.At(order[((slot - group.FirstSubBatch) * subBatch) + (int)row], key);
    }

    /// <param name="FirstSubBatch">Of the epoch's, before they are put in order.</param>
    private sealed record Group(int Task, int FirstSubBatch, WeightedQueries Queries);
}
