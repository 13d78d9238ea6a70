using JointFusion.Data;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Softmax cross-entropy of each query's positive against all candidates of the global batch.</summary>
public static class InfoNce
{
    /// <param name="queries_RE">This rank's R queries, normalised.</param>
    /// <param name="candidates_CE">The C candidates of all ranks, in the global batch's order, normalised.</param>
    /// <param name="logTemperature">Scalar.</param>
    /// <param name="batch">Names each row's positive and what may not serve as its negative.</param>
    /// <returns>The local rows' share of the global mean: shares are summed over ranks.</returns>
    public static LossShare Compute(Tensor queries_RE, Tensor candidates_CE, Tensor logTemperature, PairBatch batch)
    {
        var falseNegatives = FalseNegatives(batch);
        var logits_RC = queries_RE.mm(candidates_CE.t()) * logTemperature.neg().exp();
        if (falseNegatives.Length > 0)
            logits_RC = logits_RC.FilledAt(falseNegatives, double.NegativeInfinity);
        var targets_R = tensor(batch.Targets.Select(target => (long)target).ToArray(), device: logits_RC.device);
        var loss = functional.cross_entropy(logits_RC, targets_R, reduction: Reduction.Sum).Over(batch.GlobalRows);
        var hits = logits_RC.argmax(1).eq(targets_R).sum().item<long>();
        return new LossShare(loss, (int)hits, falseNegatives.Length);
    }

    /// <summary>Flat indices into [R, C] of candidates that are a positive of the row's query, its own place excepted.</summary>
    private static long[] FalseNegatives(PairBatch batch)
    {
        var places = batch.GlobalCandidates
            .Select((candidate, column) => (candidate, column))
            .ToLookup(place => place.candidate, place => place.column);
        return [.. batch.Positives.SelectMany((positives, row) => positives
            .SelectMany(candidate => places[candidate])
            .Where(column => column != batch.Targets[row])
            .Select(column => (long)row * batch.GlobalCandidates.Length + column))];
    }
}

/// <param name="Loss">Scalar, with gradient.</param>
/// <param name="Hits">Local queries whose positive scores highest.</param>
/// <param name="Masked">Candidates left out of some local query's negatives.</param>
public sealed record LossShare(Tensor Loss, int Hits, int Masked);
