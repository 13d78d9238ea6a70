using JointFusion.Data;
using JointFusion.Retrieval;
using TorchSharp;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>The gradient of the loss over the whole global batch, with each rank encoding only its share.</summary>
/// <remarks>
/// In GradCache's terms (Gao et al. 2021, arXiv 2101.06983), over ranks rather than chunks:
/// <code>
///   encode    local queries and candidates, keeping their graph
///   gather    everyone's candidate embeddings, detached
///   loss      of the local rows against all candidates -> d loss / d embeddings
///   backward  candidate gradients reduce-scattered to whoever encoded them, then through the encoder
/// </code>
/// No collective runs inside autograd, and every gradient, the temperature's too, is a term of a sum over ranks.
/// </remarks>
public sealed class GradientCache(IProcessGroup group, StepClock clock)
{
    /// <summary>Accumulates this rank's term of the gradient into the parameters.</summary>
    /// <returns>Of the whole global batch, the same on every rank.</returns>
    public BatchLoss Backward(Retriever retriever, PairBatch batch)
    {
        clock.Start(StepPhase.Forward);
        var (queries_RE, candidates_LE) = Encode(retriever, batch);

        clock.Start(StepPhase.Exchange);
        var leafQueries_RE = queries_RE.detach().requires_grad_(true);
        var leafCandidates_CE = group.AllGather(candidates_LE.detach().contiguous(), batch.CandidatesOfRank).requires_grad_(true);

        clock.Start(StepPhase.Backward);
        var share = InfoNce.Compute(leafQueries_RE, leafCandidates_CE, retriever.LogTemperature, batch);
        share.Loss.backward();

        clock.Start(StepPhase.Exchange);
        var candidateGradients_LE = group.ReduceScatter(leafCandidates_CE.grad!, batch.CandidatesOfRank);

        clock.Start(StepPhase.Backward);
        autograd.backward([queries_RE, candidates_LE], [leafQueries_RE.grad!, candidateGradients_LE]);

        clock.Start(StepPhase.Exchange);
        return Total(share, batch);
    }

    /// <summary>Queries and candidates in one pass: the encoder groups items by modality, and larger groups compute faster.</summary>
    private static (Tensor Queries_RE, Tensor Candidates_LE) Encode(Retriever retriever, PairBatch batch)
    {
        var both_NE = retriever.call(ItemBatch.Join(batch.Queries, batch.Candidates));
        return (both_NE.narrow(0, 0, batch.Queries.Count), both_NE.narrow(0, batch.Queries.Count, batch.Candidates.Count));
    }

    private BatchLoss Total(LossShare share, PairBatch batch)
    {
        Span<double> sums = [share.Loss.ToDouble(), share.Hits, share.Masked];
        group.AllReduce(sums);
        return new BatchLoss(sums[0], sums[1] / batch.GlobalRows, (int)sums[2]);
    }
}

/// <param name="Loss">Mean over the global batch, in nats.</param>
/// <param name="Accuracy">Share of queries whose positive scores highest.</param>
/// <param name="Masked">Candidates left out of some query's negatives.</param>
public sealed record BatchLoss(double Loss, double Accuracy, int Masked);
