using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Training;

/// <summary>The loss of a small global batch in one process, left to autograd: dense logits, no gather, no chunk. What every other way has to equal.</summary>
internal static class WholeBatch
{
    /// <summary>Accumulates the gradient into the parameters.</summary>
    /// <param name="batch">The whole batch as one rank's share.</param>
    /// <param name="block">Rows whose candidates are each other's negatives; null: all rows.</param>
    public static void Backward(Retriever retriever, PairBatch batch, StageSpec stage, int? block = null)
    {
        var (queries_BE, candidates_CE) = (retriever.call(batch.Queries), retriever.call(batch.Candidates));
        var loss = Loss(retriever, queries_BE, candidates_CE, batch.Layout, stage, block);
        foreach (var width in stage.Matryoshka ?? [])
            loss = loss.Plus(Loss(retriever, Cut(queries_BE, width), Cut(candidates_CE, width), batch.Layout, stage, block));
        loss.Over(1 + (stage.Matryoshka?.Length ?? 0)).backward();
    }

    private static Tensor Cut(Tensor embeddings_NE, int width) => functional.normalize(embeddings_NE.narrow(1, 0, width), dim: 1);

    private static Tensor Loss(Retriever retriever, Tensor queries_BE, Tensor candidates_CE, BatchLayout layout, StageSpec stage, int? block)
    {
        var scores_BC = queries_BE.mm(candidates_CE.t()) / retriever.LogTemperature.exp();
        var targets_B = tensor(layout.Targets.Select(target => (long)target).ToArray(), device: scores_BC.device);
        var isOther_BC = IsOther(layout.Rows, layout.Candidates.Length, (row, column) =>
            (column != layout.Targets[row] && layout.Positives[row].Contains(layout.Candidates[column])) || AreApart(row, RowOf(column)));
        if (stage.Loss == Experiments.Loss.Sigmoid)
            return Sigmoid(scores_BC.Plus(retriever.LogitBias!), isOther_BC, targets_B);
        var loss = Mean(scores_BC, isOther_BC, targets_B);
        if (stage.Symmetric)
        {
            var isOther_BB = IsOther(layout.Rows, layout.Rows, (row, query) =>
                (query != row && layout.Positives[query].Contains(layout.Candidates[layout.Targets[row]])) || AreApart(row, query));
            var back_BB = scores_BC.index_select(1, targets_B).t();
            loss = loss.Plus(Mean(back_BB, isOther_BB, tensor(Enumerable.Range(0, layout.Rows).Select(row => (long)row).ToArray(), device: scores_BC.device))).Over(2);
        }
        return loss;

        bool AreApart(int row, int other) => block is { } rows && row / rows != other / rows;
        int RowOf(int column) => Array.FindLastIndex(layout.Targets, target => target <= column);
    }

    private static Tensor Mean(Tensor scores, Tensor isOther, Tensor targets)
    {
        using var nothing = double.NegativeInfinity.ToScalar();
        return functional.cross_entropy(scores.masked_fill(isOther.to(scores.device), nothing), targets);
    }

    /// <summary>Labels of 1 and -1 as the paper has them; pairs that do not count are left out of the sum.</summary>
    private static Tensor Sigmoid(Tensor logits_BC, Tensor isOther_BC, Tensor targets_B)
    {
        var isTarget_BC = functional.one_hot(targets_B, logits_BC.size(1)).to(ScalarType.Bool);
        var signed_BC = where(isTarget_BC, logits_BC, logits_BC.neg());
        return functional.logsigmoid(signed_BC).masked_select(isOther_BC.logical_not().to(logits_BC.device)).sum().neg().Over(logits_BC.size(0));
    }

    private static Tensor IsOther(int rows, int columns, Func<int, int, bool> isOther) =>
        tensor([.. from row in Enumerable.Range(0, rows) from column in Enumerable.Range(0, columns) select isOther(row, column)], rows, columns);
}
