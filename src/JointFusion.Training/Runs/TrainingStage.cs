using JointFusion.Data;
using JointFusion.Experiments;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>One stage of a run on one rank: the loop.</summary>
/// <param name="rung">Step after which it stops; null, or outside of the stage: none.</param>
public sealed class TrainingStage(
    RunPlan plan, StagePlan stage, TrainingState state, IProcessGroup group, IBatchSource data, RunCheckpoints checkpoints, StepRecorder recorder, int? rung = null)
{
    private readonly GradientCache gradientCache = new(
        group, recorder.Clock, stage.Spec.Symmetric, plan.Resources.ChunkSize, stage.Spec.Loss, stage.Spec.NegativesWithin, stage.Spec.Matryoshka ?? []);

    /// <summary>Trains from the state's step to the stage's end.</summary>
    /// <returns>False if asked to stop, or at the rung: a checkpoint is then on disk.</returns>
    /// <exception cref="NonFiniteException">On all ranks at the same step.</exception>
    /// <exception cref="UnhealthyException">The same; the spec asks for it.</exception>
    /// <exception cref="PeerLostException">Names the step too.</exception>
    public bool Run(CancellationToken stop)
    {
        try
        {
            return TakeSteps(stop);
        }
        catch (PeerLostException lost)
        {
            throw new PeerLostException(lost.PeerRank, $"Step {state.Step + 1}: {lost.Message}", lost);
        }
    }

    private bool TakeSteps(CancellationToken stop)
    {
        var clock = recorder.Clock;
        foreach (var step in RemainingSteps())
        {
            clock.TakeUp(step);
            clock.Start(StepPhase.Exchange);
            if (group.Any(stop.IsCancellationRequested))
                return checkpoints.SaveAndStop(state, stage, recorder.Fault);
            using var scope = NewDisposeScope();
            clock.Start(StepPhase.Data);
            var batch = data.Next(step);
            var loss = gradientCache.Backward(state.Retriever, batch);
            state.Optimizer.SumGradients();
            var norm = Update(step, loss);
            state.Step = step;
            state.Ledger = Ledger.Append(state.Ledger, batch.LedgerEntry);
            checkpoints.Observe(loss.Loss);
            recorder.Record(state, stage, batch, loss, norm, LearningRate.At(stage.Spec, StageStep(step)));
            Judge(step, loss);
            clock.Start(StepPhase.Checkpoint); // counted in the next step: its metrics must be on disk before it can be resumed from
            if (step == rung)
                return checkpoints.SaveAndStop(state, stage, recorder.Fault);
            if (CheckpointDue(step))
                checkpoints.Save(state, stage, recorder.Fault);
        }
        return true;
    }

    private IEnumerable<int> RemainingSteps()
    {
        var last = stage.FirstStep + stage.Spec.Steps - 1;
        for (var step = state.Step + 1; step <= last; step++)
            yield return step;
    }

    private double Update(int step, BatchLoss loss)
    {
        if (!double.IsFinite(loss.Loss))
            throw new NonFiniteException($"the loss is {loss.Loss}");
        var norm = state.Optimizer.Step(LearningRate.At(stage.Spec, StageStep(step)), recorder.Clock);
        state.Retriever.ClampTemperature();
        return norm;
    }

    private void Judge(int step, BatchLoss loss)
    {
        foreach (var alarm in state.Health.Observe(plan.Health, stage.Spec, StageStep(step), loss))
        {
            if (plan.Health.StopOn.Contains(alarm.Fault))
                throw new UnhealthyException($"Step {step}: {alarm.Message}. Begin a run before that (jf run SPEC --fork) with a lower learning_rate or longer warmup_steps.");
            if (alarm.IsNew)
                recorder.Warn($"step {step}: {alarm.Message}.");
        }
    }

    private int StageStep(int step) => step - stage.FirstStep + 1;

    private bool CheckpointDue(int step) =>
        StageStep(step) == stage.Spec.Steps || step % plan.Checkpoints.EverySteps == 0;
}
