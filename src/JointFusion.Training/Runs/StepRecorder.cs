using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>Turns finished steps into metrics: on rank 0 into metrics.jsonl and the run's events, elsewhere into nothing.</summary>
/// <param name="log">Null on all ranks but 0.</param>
/// <param name="peakFlops">See <see cref="MatrixProducts"/>.</param>
public sealed class StepRecorder(RunPlan plan, int generation, MetricsLog? log, IRunEvents events, RunWatch watch, double peakFlops)
{
    private bool isBehind;

    public StepClock Clock { get; } = new(watch);

    /// <summary>Why the latest steps are not in metrics.jsonl; null: all are, or another rank writes it.</summary>
    public IOException? Fault => log?.Fault;

    public void Record(TrainingState state, StagePlan stage, PairBatch batch, BatchLoss loss, double gradientNorm, double rate)
    {
        var seconds = Clock.Take();
        if (log is null)
            return;
        var metrics = new StepMetrics
        {
            Run = plan.Run,
            Generation = generation,
            Stage = stage.Spec.Name,
            Step = state.Step,
            Loss = loss.Loss,
            Accuracy = loss.Accuracy,
            GradientNorm = gradientNorm,
            LearningRate = rate,
            Temperature = state.Retriever.Temperature,
            LogitBias = state.Retriever.LogitBias?.ToNumber(),
            ModalityWeights = state.Retriever.Weights,
            Ledger = state.Ledger,
            PairsPerSecond = stage.Spec.GlobalBatch / seconds.Total,
            MaskedNegatives = loss.Masked,
            MaskedByDataSet = loss.MaskedByDataSet,
            LossByTask = loss.LossByTask,
            Margin = loss.Margin,
            WrongModality = loss.WrongModality,
            QuerySpread = loss.QuerySpread,
            CandidateSpread = loss.CandidateSpread,
            Mfu = Flops(stage, batch) / (seconds.Total * peakFlops),
            PeakFlops = peakFlops,
            Seconds = seconds,
            ResidentBytes = Environment.WorkingSet,
            PeakResidentBytes = ProcessMemory.PeakBytes(),
            At = DateTimeOffset.UtcNow,
        };
        log.Append(metrics);
        WarnOnce(log.Fault);
        events.Step(metrics);
    }

    /// <summary>Of this rank's items, forward and backward, at their own lengths; encoding them twice (chunk_size) is not counted twice, what rules freeze counts as the rest but for a whole tower of pictures.</summary>
    private double Flops(StagePlan stage, PairBatch batch)
    {
        var (shape, keepsWeights) = (plan.Retriever.Shape, plan.Stages[0].Adapters is not null);
        return new[] { batch.Queries, batch.Candidates }.Sum(items => Enumerable.Range(0, items.Count)
            .Sum(item => shape.TrainingFlopsPerItem(items.PatchCount(item), items.TextLength(item), keepsWeights, stage.KeepsVision)));
    }

    /// <summary>Tells of a stage that goes wrong, once: rank 0 for all.</summary>
    public void Warn(string message)
    {
        if (log is not null)
            events.Warning(message);
    }

    private void WarnOnce(IOException? fault)
    {
        if (fault is not null && !isBehind)
            events.Warning($"Metrics wait in memory, and no checkpoint is taken until they are on disk: {fault.Message}");
        isBehind = fault is not null;
    }
}
