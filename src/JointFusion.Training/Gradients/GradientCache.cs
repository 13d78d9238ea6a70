using System.Collections.Immutable;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>The gradient of the loss over the whole global batch, with each rank encoding only its share.</summary>
/// <remarks>
/// GradCache (Gao et al. 2021, arXiv 2101.06983), over ranks and over chunks:
/// <code>
///   encode    this rank's queries and candidates
///   gather    everyone's embeddings, detached
///   loss      of the local rows -> d loss / d embeddings
///   backward  gradients reduce-scattered to whoever encoded the embedding, then through the encoder
/// </code>
/// In one chunk the encoder's graph is kept from the first verb to the last. In several it is not: each chunk is encoded again with its
/// graph, so that memory does not grow with the batch; the encoder draws no random numbers, so that both times are the same.
/// No collective runs inside autograd, and every gradient, the temperature's too, is a term of a sum over ranks.
/// </remarks>
/// <param name="symmetric">See <see cref="InfoNce"/>; the sigmoid loss is not asked.</param>
/// <param name="chunkSize">Items encoded at once; null: all.</param>
/// <param name="negativesWithin">See <see cref="BlockedLoss"/>; null: negatives are those of all rows.</param>
/// <param name="widths">See <see cref="MatryoshkaLoss"/>.</param>
public sealed class GradientCache(
    IProcessGroup group, StepClock clock, bool symmetric = false, int? chunkSize = null, Loss loss = Loss.Softmax, int? negativesWithin = null,
    ImmutableArray<int> widths = default)
{
    /// <summary>Accumulates this rank's term of the gradient into the parameters, which must have one already.</summary>
    /// <returns>Of the whole global batch, the same on every rank.</returns>
    public BatchLoss Backward(Retriever retriever, PairBatch batch)
    {
        clock.Start(StepPhase.Forward);
        var layout = batch.Layout;
        var scale = ScaleOf(retriever);
        var graph_NE = IsChunked(batch) ? null : retriever.Encode(batch.Queries, batch.Candidates);
        var embeddings_NE = graph_NE?.detach() ?? EncodeWithoutGraph(retriever, batch);
        var queries_RE = embeddings_NE.narrow(0, 0, batch.Queries.Count);
        var candidates_LE = embeddings_NE.narrow(0, batch.Queries.Count, batch.Candidates.Count);

        clock.Start(StepPhase.Exchange);
        var candidates_CE = group.AllGather(candidates_LE, layout.CandidatesOfRank);
        var queries_QE = symmetric ? group.AllGather(queries_RE, layout.RowsOfRank) : queries_RE;

        clock.Start(StepPhase.Backward);
        var share = MatryoshkaLoss.Compute(queries_QE, candidates_CE, widths.IsDefault ? [] : widths, (someQueries, someCandidates) => negativesWithin is { } rows
            ? BlockedLoss.Compute(someQueries, someCandidates, layout, rows, (queries, candidates, block) => Share(scale, queries, candidates, block))
            : Share(scale, someQueries, someCandidates, layout));

        clock.Start(StepPhase.Exchange);
        var candidateGradients_LE = group.ReduceScatter(share.CandidateGradients_CE, layout.CandidatesOfRank);
        var queryGradients_RE = symmetric ? group.ReduceScatter(share.QueryGradients_QE, layout.RowsOfRank) : share.QueryGradients_QE;

        clock.Start(StepPhase.Backward);
        Backward(retriever, batch, graph_NE, cat([queryGradients_RE, candidateGradients_LE], 0));
        if (retriever.LogTemperature.requires_grad)
            retriever.LogTemperature.grad!.AddScaled_(share.LogTemperatureGradient, 1);
        if (loss == Loss.Sigmoid && BiasOf(retriever).requires_grad)
            BiasOf(retriever).grad!.AddScaled_(share.LogitBiasGradient!, 1);

        _ = share.Loss; // A GPU was handed its work and goes on with it: here, in the phase that takes longest, the CPU waits for it.
        clock.Start(StepPhase.Exchange);
        return BatchLoss.Over(group, share, layout, scale.Temperature, queries_RE, candidates_CE);
    }

    /// <summary>Before a GPU is given anything else to do, for which the numbers would have to wait.</summary>
    private (double Temperature, double Bias) ScaleOf(Retriever retriever) => (retriever.Temperature, loss == Loss.Sigmoid ? BiasOf(retriever).ToNumber() : 0);

    private LossShare Share((double Temperature, double Bias) scale, Tensor queries_QE, Tensor candidates_CE, BatchLayout layout) => loss == Loss.Sigmoid
        ? SigmoidLoss.Compute(queries_QE, candidates_CE, scale.Temperature, scale.Bias, layout)
        : InfoNce.Compute(queries_QE, candidates_CE, scale.Temperature, layout, symmetric);

    private static Parameter BiasOf(Retriever retriever) =>
        retriever.LogitBias ?? throw new ArgumentException("The sigmoid loss needs a retriever with a logit bias.", nameof(retriever));

    private Tensor EncodeWithoutGraph(Retriever retriever, PairBatch batch)
    {
        using var _ = no_grad();
        return cat([.. Chunks(batch).Select(chunk =>
        {
            using var scope = NewDisposeScope();
            return retriever.call(chunk).MoveToOuterDisposeScope();
        })], 0);
    }

    private void Backward(Retriever retriever, PairBatch batch, Tensor? graph_NE, Tensor gradients_NE)
    {
        if (graph_NE is not null)
        {
            Backward(graph_NE, gradients_NE);
            return;
        }
        var first = 0;
        foreach (var chunk in Chunks(batch))
        {
            using var scope = NewDisposeScope();
            Backward(retriever.call(chunk), gradients_NE.narrow(0, first, chunk.Count));
            first += chunk.Count;
        }
    }

    /// <summary>Items may be encoded by frozen parameters alone, such as pictures by a frozen tower: there is no graph then.</summary>
    private static void Backward(Tensor embeddings_NE, Tensor gradients_NE)
    {
        if (embeddings_NE.requires_grad)
            autograd.backward([embeddings_NE], [gradients_NE]);
    }

    private bool IsChunked(PairBatch batch) => chunkSize < batch.Queries.Count + batch.Candidates.Count;

    /// <summary>Queries before candidates; cut out one by one, since a large batch is not copied as a whole.</summary>
    private IEnumerable<ItemBatch> Chunks(PairBatch batch)
    {
        var size = chunkSize ?? int.MaxValue;
        foreach (var items in (ItemBatch[])[batch.Queries, batch.Candidates])
            for (var first = 0; first < items.Count; first += size)
                yield return items.Slice(first, Math.Min(size, items.Count - first));
    }
}
