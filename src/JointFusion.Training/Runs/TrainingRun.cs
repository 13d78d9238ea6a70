using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>One rank's part in one attempt at a run: data, resume, the stages in order, evaluation.</summary>
/// <param name="watch">Sees what the run is doing; null: nobody looks.</param>
/// <param name="disk">Takes the checkpoints; null: the file system.</param>
/// <param name="rung">Step at which it is measured and stops, unless it begins beyond; null: none.</param>
/// <param name="start">Checkpoint of another run, after stages that are this one's too, to begin at without one of its own; null: none.</param>
/// <param name="journalled">Step of the checkpoint that the run would go on from, as far as is known; null: nobody says.</param>
/// <param name="isLetGo">Whether no other run will begin at this end of a common stage. From any thread; null: it may.</param>
public sealed class TrainingRun(
    RunPlan plan, RunFolder folder, int generation, IProcessGroup group, RunDataCache cache, IRunEvents events, RunWatch? watch = null, IDisk? disk = null,
    Func<int?>? journalled = null, int? rung = null, (RunFolder Folder, int Step)? start = null, Func<int, bool>? isLetGo = null)
{
    private readonly RunWatch watch = watch ?? new RunWatch();

    /// <summary>What it was measured at; null unless it was the rung that ended it.</summary>
    public double? RungValue { get; private set; }

    /// <param name="resumeStep">Of the checkpoint to go on from; null starts from the seed.</param>
    /// <returns>Null when all is done; otherwise the step of the checkpoint at which it was stopped.</returns>
    /// <exception cref="CheckpointException">Its folder or its mirror cannot be used: see <see cref="FolderProbe"/>, <see cref="MirrorProbe"/>.</exception>
    /// <exception cref="ParityException">On all ranks: they would train on a wrong gradient.</exception>
    /// <exception cref="NonFiniteException">On all ranks at the same step.</exception>
    /// <exception cref="PeerLostException">Another rank is gone.</exception>
    public int? Execute(int? resumeStep, CancellationToken stop)
    {
        watch.EnterOnce("probing the run's folder");
        new FolderProbe(folder, generation, group, events, disk).Check(RunCheckpoints.BytesOf(plan));
        if (RunCheckpoints.MirrorOf(plan) is { } mirror)
        {
            watch.EnterOnce("probing the checkpoints' mirror");
            new MirrorProbe(mirror, folder, generation, group).Check();
        }
        Enter(RunPhase.CheckingGradients, "");
        new ParityGate(plan, group).Check();
        Enter(RunPhase.LoadingData, plan.Data.Root);
        var data = cache.Open(plan);
        if (plan.Resources.Device == Device.Cuda && !DeterministicAlgorithms.TryRequire())
            events.Warning("this libtorch has no switch for deterministic algorithms that is known here: a resumed run may differ from one that was never stopped in its last digits.");
        using var state = new TrainingState(plan, TrainingDevice.Of(plan.Resources.Device, group.Rank), group);
        using var checkpoints = new RunCheckpoints(plan, folder, generation, group, events, disk, journalled, isLetGo);
        if (resumeStep is null && start is { } other)
        {
            Enter(RunPhase.Resuming, $"step {other.Step} of {other.Folder.Path}");
            resumeStep = new StageAdoption(plan, folder, group, events).From(other.Folder, other.Step);
        }
        if (resumeStep is { } from)
        {
            Enter(RunPhase.Resuming, $"step {from}");
            checkpoints.Restore(state, from);
        }
        var stopped = state.Step == rung || !Train(data, state, checkpoints, stop);
        var asked = group.Any(stop.IsCancellationRequested);
        if (stopped && !asked && state.Step == rung)
            RungValue = Measure(data, state);
        stopped |= asked;
        if (!stopped)
        {
            Enter(RunPhase.Evaluating, string.Join(", ", plan.Evaluation.Splits));
            new RunEvaluation(plan, folder, data, group).Run(state);
        }
        watch.EnterOnce("waiting for the mirror of the last checkpoint"); // without the others: a slow network outlasts their patience in a collective
        checkpoints.FinishMirror(stop);
        return stopped ? state.Step : null;
    }

    private double Measure(RunData data, TrainingState state)
    {
        Enter(RunPhase.Evaluating, $"{RungEvaluation.Split}, at the rung of step {state.Step}");
        return new RungEvaluation(plan, folder, data, group).Run(state);
    }

    private void Enter(RunPhase phase, string detail)
    {
        watch.Enter(phase);
        events.Phase(phase, detail);
    }

    private bool Train(RunData data, TrainingState state, RunCheckpoints checkpoints, CancellationToken stop)
    {
        using var log = group.Rank == 0 ? new MetricsLog(folder, state.Step) : null;
        group.Barrier(); // All ranks measure at once, as they will compute.
        var recorder = new StepRecorder(plan, generation, log, events, watch, PeakFlops());
        var sampler = new BatchSampler(data.Set, plan.Seed, plan.Stages);
        var negatives = new StageNegatives(plan, folder, data, group, events);
        foreach (var stage in plan.Stages.SkipWhile(stage => stage.FirstStep + stage.Spec.Steps <= state.Step + 1))
        {
            Enter(RunPhase.Training, stage.Spec.Name);
            if (state.Step < stage.FirstStep)
                state.StartStage(stage);
            var mined = negatives.For(stage, state);
            using var batches = Batches(data, mined is null ? sampler : sampler.With(stage, mined), stage, state.Step + 1);
            if (!Run(new TrainingStage(plan, stage, state, group, batches, checkpoints, recorder, rung), state, stop))
                return false;
        }
        watch.EnterOnce("waiting for the last checkpoint");
        checkpoints.Flush();
        return true;
    }

    /// <summary>Of large products on this rank's device, in the run's precision; the fastest of a few short ones, as a disturbed one would flatter every step. One takes a core tens of milliseconds, a GPU too few to be timed alone.</summary>
    private double PeakFlops()
    {
        var fp32 = Measure(Precision.Fp32);
        if (plan.Retriever.Precision == Precision.Fp32)
            return fp32;
        var bf16 = Measure(Precision.Bf16);
        if (bf16 < fp32 && group.Rank == 0)
            events.Warning($"retriever.precision: bf16 is slower than fp32 here: large products reach {bf16 / 1e9:0.0} GFLOP/s against {fp32 / 1e9:0.0}; this device has no instructions for it.");
        return bf16;

        double Measure(Precision precision) =>
            MatrixProducts.FlopsPerSecond(TrainingDevice.Of(plan.Resources.Device, group.Rank), products: plan.Resources.Device == Device.Cpu ? 1 : 4, rounds: 8, precision);
    }

    private BatchLoader Batches(RunData data, BatchSampler sampler, StagePlan stage, int firstStep) =>
        new(data.Set, data.Loader, sampler, group.Rank, group.WorldSize, firstStep, stage.FirstStep + stage.Spec.Steps - 1, BatchesAhead());

    /// <summary>Three, or fewer where they are large: each is held in memory until its step.</summary>
    private int BatchesAhead()
    {
        const int mostItems = 16_384;
        return Math.Clamp(mostItems / plan.Stages.Max(stage => stage.Spec.ItemsAWorker(group.WorldSize)), 1, 3);
    }

    private static bool Run(TrainingStage stage, TrainingState state, CancellationToken stop)
    {
        try
        {
            return stage.Run(stop);
        }
        catch (NonFiniteException cause)
        {
            throw new NonFiniteException($"Step {state.Step + 1}: {cause.Message}. Try a lower learning_rate or longer warmup_steps.");
        }
    }
}
