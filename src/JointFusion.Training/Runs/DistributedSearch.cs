using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>Exact search with its embedding and its searching divided over the ranks; every rank ends with all ranked lists.</summary>
public sealed class DistributedSearch(MbeirDataset data, IProcessGroup group, IReadOnlyList<PoolKind> pools, int depth)
{
    public IReadOnlyList<RankedList> Run(IEmbeddingSpace space, IReadOnlyList<EvaluationRequest> requests)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var held = Enumerable.Range(0, data.Candidates.Length).Where(i => space.Holds(ItemRef.Of(data.Candidates[i]))).ToArray();
        var candidates_CE = SharedEmbedding.Of(group, space, [.. held.Select(i => ItemRef.Of(data.Candidates[i]))]);
        var (first, count) = Share.Of(group.Rank, group.WorldSize, requests.Count);
        var mine = requests.Skip(first).Take(count).ToArray();
        var queries_QE = space.Embed([.. mine.Select(request => request.Item)]);

        var found = new PoolSearch(data, held, candidates_CE, pools, depth).Run(mine, queries_QE).Found;
        return Gather(requests, found);
    }

    private List<RankedList> Gather(IReadOnlyList<EvaluationRequest> requests, int[] found)
    {
        var perRequest = pools.Count * depth;
        var all = new int[requests.Count * perRequest];
        group.AllGather<int>(found, all, [.. Share.Counts(requests.Count, group.WorldSize).Select(count => count * perRequest)]);
        return [.. from i in Enumerable.Range(0, requests.Count)
                   from pool in Enumerable.Range(0, pools.Count)
                   let start = i * perRequest + pool * depth
                   select new RankedList(requests[i], pools[pool], all[start..(start + depth)])];
    }
}
