using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Exact inner-product search over a pool, a block of queries at a time.</summary>
/// <param name="pool_CE">Embeddings of the pool's candidates.</param>
/// <param name="candidates">Dense candidate index of each row of the pool.</param>
public sealed class ExactIndex(Tensor pool_CE, IReadOnlyList<int> candidates)
{
    /// <summary>Bounds the score matrix: 512 queries over a million candidates are 2 GiB.</summary>
    private const int QueriesPerBlock = 512;

    public int Size => candidates.Count;

    /// <param name="queries_QE">In the pool's space.</param>
    /// <param name="k">Capped at the pool's size.</param>
    /// <returns>For each query, dense candidate indices by falling score; [Q][k].</returns>
    public int[][] Search(Tensor queries_QE, int k) => [.. SearchScored(queries_QE, k).Select(found => found.Candidates)];

    /// <inheritdoc cref="Search"/>
    /// <returns>For each query, dense candidate indices by falling score, and the scores; [Q] of [k].</returns>
    public (int[] Candidates, float[] Scores)[] SearchScored(Tensor queries_QE, int k)
    {
        var depth = Math.Min(k, Size);
        var queries = (int)queries_QE.size(0);
        var found = new (int[], float[])[queries];
        for (var first = 0; first < queries; first += QueriesPerBlock)
        {
            using var scope = NewDisposeScope();
            var block = queries_QE.narrow(0, first, Math.Min(QueriesPerBlock, queries - first));
            var (scores_QK, rows_QK) = block.mm(pool_CE.t()).topk(depth, 1);
            var rows = rows_QK.cpu().data<long>().ToArray();
            var scores = scores_QK.to(ScalarType.Float32).cpu().data<float>().ToArray();
            for (var q = 0; q < block.size(0); q++)
            {
                var of = (q * depth)..((q + 1) * depth);
                found[first + q] = ([.. rows[of].Select(row => candidates[(int)row])], scores[of]);
            }
        }
        return found;
    }
}
