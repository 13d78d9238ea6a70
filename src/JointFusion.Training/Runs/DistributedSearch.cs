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

        var found = new int[count * pools.Count * depth];
        Array.Fill(found, -1);
        foreach (var task in mine.Select(request => request.Query.Task).Distinct())
            for (var pool = 0; pool < pools.Count; pool++)
                SearchTask(task, pool, mine, queries_QE, held, candidates_CE, found);
        return Gather(requests, found);
    }

    private void SearchTask(
        int task, int pool, EvaluationRequest[] mine, Tensor queries_QE, int[] held, Tensor candidates_CE, int[] found)
    {
        using var scope = NewDisposeScope();
        var rowOf = held.Select((candidate, row) => (candidate, row)).ToDictionary(pair => pair.candidate, pair => pair.row);
        var members = data.Pool(task, pools[pool]).Where(rowOf.ContainsKey).ToArray();
        var rows = Enumerable.Range(0, mine.Length).Where(i => mine[i].Query.Task == task).ToArray();
        var index = new ExactIndex(candidates_CE.RowsAt(members.Select(candidate => rowOf[candidate])), members);
        var lists = index.Search(queries_QE.RowsAt(rows), depth);
        for (var i = 0; i < rows.Length; i++)
            lists[i].CopyTo(found, (rows[i] * pools.Count + pool) * depth);
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
