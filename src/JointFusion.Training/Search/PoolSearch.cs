using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>Exact search of an evaluation's requests, each in the pools of its task.</summary>
/// <param name="held">Dense candidate index of each row of <paramref name="candidates_CE"/>.</param>
/// <param name="depth">Candidates a list.</param>
internal sealed class PoolSearch(MbeirDataset data, IReadOnlyList<int> held, Tensor candidates_CE, IReadOnlyList<PoolKind> pools, int depth)
{
    private readonly Dictionary<int, int> rowOf = held.Index().ToDictionary(pair => pair.Item, pair => pair.Index);

    /// <param name="queries_QE">A row a request.</param>
    /// <returns>By falling score, list of request r and pool p from (r * pools + p) * depth on: dense candidate indices, -1 past the pool's end, and their scores.</returns>
    public (int[] Found, float[] Scores) Run(IReadOnlyList<EvaluationRequest> requests, Tensor queries_QE)
    {
        var (found, scores) = (new int[requests.Count * pools.Count * depth], new float[requests.Count * pools.Count * depth]);
        Array.Fill(found, -1);
        foreach (var task in requests.Select(request => request.Query.Task).Distinct())
            for (var pool = 0; pool < pools.Count; pool++)
                SearchTask(task, pool, requests, queries_QE, found, scores);
        return (found, scores);
    }

    private void SearchTask(int task, int pool, IReadOnlyList<EvaluationRequest> requests, Tensor queries_QE, int[] found, float[] scores)
    {
        using var scope = NewDisposeScope();
        var members = data.Pool(task, pools[pool]).Where(rowOf.ContainsKey).ToArray();
        var rows = Enumerable.Range(0, requests.Count).Where(i => requests[i].Query.Task == task).ToArray();
        var index = new ExactIndex(candidates_CE.RowsAt(members.Select(candidate => rowOf[candidate])), members);
        var lists = index.SearchScored(queries_QE.RowsAt(rows), depth);
        for (var i = 0; i < rows.Length; i++)
        {
            lists[i].Candidates.CopyTo(found, (rows[i] * pools.Count + pool) * depth);
            lists[i].Scores.CopyTo(scores, (rows[i] * pools.Count + pool) * depth);
        }
    }
}
