using System.Collections.Immutable;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>A training state to and from checkpoints: saved by rank 0, read by every rank.</summary>
public sealed class RunCheckpoints : IDisposable
{
    private const string Updates = "updates", Health = "health";

    private readonly RunPlan plan;
    private readonly RunFolder folder;
    private readonly IProcessGroup group;
    private readonly IRunEvents events;
    private readonly CheckpointCatalog catalog;
    private readonly CheckpointStore? store;
    private readonly CheckpointMirror? mirror;
    private readonly Func<int?>? journalled;
    private readonly ImmutableArray<string> processors;
    private double lossSum;
    private int lossSteps;
    private CheckpointException? missed;

    /// <summary>Called by all ranks.</summary>
    /// <param name="journalled">Asked at each save which checkpoint must stay; null: nobody says.</param>
    /// <param name="isLetGo">Asked on the writer's thread whether this end of a stage that runs have in common is retired as any other checkpoint; null: it stays.</param>
    /// <exception cref="CheckpointException">A newer attempt writes here already.</exception>
    public RunCheckpoints(
        RunPlan plan, RunFolder folder, int generation, IProcessGroup group, IRunEvents events, IDisk? disk = null, Func<int?>? journalled = null, Func<int, bool>? isLetGo = null)
    {
        (this.plan, this.folder, this.group, this.events, this.journalled) = (plan, folder, group, events, journalled);
        processors = ProcessorKinds.Of(group, plan.Resources.Device);
        catalog = new CheckpointCatalog(folder);
        if (group.Rank == 0)
        {
            store = new CheckpointStore(
                folder, plan.Checkpoints, CheckpointOwner.Of(plan, generation, group.WorldSize) with { Processors = processors }, new CheckpointEvents(Written, WarnOfMissing), disk,
                step => mirror?.IsReading(step) == true || (plan.Shared?.Any(shared => shared.Step == step) == true && isLetGo?.Invoke(step) != true));
            mirror = MirrorOf(plan) is { } place ? new CheckpointMirror(place, plan, folder, events) : null;
        }
    }

    /// <summary>Of one checkpoint at most, but for a few kilobytes of headers: weights that are trained with both moments, and adapters that were merged. What rules freeze takes less.</summary>
    public static long BytesOf(RunPlan plan) =>
        (plan.Retriever.Trainable ?? plan.Retriever.Parameters) * (3 + plan.Stages.Count(stage => stage.MergesFirst)) * sizeof(float);

    /// <summary>Where checkpoints are copied to; null: nowhere.</summary>
    public static StorageAddress? MirrorOf(RunPlan plan) => plan.Checkpoints.Mirror is { } address
        ? StorageAddress.Parse(address) ?? throw new ArgumentException($"'{address}' is no address of storage.", nameof(plan))
        : null;

    /// <summary>Counts a step's loss towards the next checkpoint's.</summary>
    public void Observe(double loss) => (lossSum, lossSteps) = (lossSum + loss, lossSteps + 1);

    /// <summary>Called by all ranks. Rank 0 copies the state now and writes it behind; the others give what they alone hold.</summary>
    /// <param name="metricsFault">Why the metrics of its steps are not on disk: then no checkpoint is taken, as it could be resumed without them.</param>
    public void Save(TrainingState state, StagePlan stage, IOException? metricsFault = null)
    {
        missed = metricsFault is null ? null : new CheckpointException(folder.Metrics, $"cannot be written: {metricsFault.Message}", metricsFault);
        if (journalled?.Invoke() is { } step)
            store?.Pin(step);
        if (missed is not null)
            WarnOfMissing(state.Step, missed);
        state.Optimizer.LendMoments(wanted: missed is null, (first, second) => store?.Save(Copy(state, stage, first, second)));
    }

    /// <summary>Saves and waits until it is on disk.</summary>
    /// <returns>False: the stage is not finished.</returns>
    /// <inheritdoc cref="Save"/>
    public bool SaveAndStop(TrainingState state, StagePlan stage, IOException? metricsFault)
    {
        if (state.Step > 0)
            Save(state, stage, metricsFault);
        Flush();
        return false;
    }

    /// <summary>Waits for the write under way, on every rank.</summary>
    /// <exception cref="CheckpointException">On rank 0: it failed.</exception>
    public void Flush()
    {
        if (missed is not null)
            throw new CheckpointException(missed.Path, missed.Cause, missed);
        store?.Flush();
        group.Barrier();
    }

    /// <summary>Puts the state where it was at <see cref="CheckpointCatalog.ToGoOnFrom"/>; torn ones are reported and passed over.</summary>
    /// <exception cref="CheckpointException">There is none, or it is of another run's science.</exception>
    public void Restore(TrainingState state, int known)
    {
        var step = Agree(known);
        store?.Pin(step);
        mirror?.Offer(step, isNew: false); // an attempt that ended early, or a fork, has not copied it
        using var saved = catalog.Load(step, plan.ScienceHash);
        WarnOfOtherProcessors(saved.Manifest);
        using var _ = no_grad();
        UntrainedWeights.RequireSameModel(saved.Weights.Path, saved.Manifest.FromFolder, plan);
        if (saved.Manifest.FromFolder is { } left && UntrainedWeights.FaultOf(left, plan) is { } fault)
            throw fault;
        StateWeights.Restore(state, plan, saved.Weights, saved.Manifest.FromFolder);
        state.StartStage(plan.StageOf(step));
        var beginning = Beginning(state, saved.Optimizer, step);
        using var updates = saved.Optimizer.Read(Updates);
        state.Optimizer.Restore(first => Read(first, FirstMoment), second => Read(second, SecondMoment), (int)updates.ToNumber());
        RestoreHealth(state, saved.Optimizer, step);
        (state.Step, state.Ledger) = (step, saved.Manifest.Ledger);

        void Read(Tensor flat, Func<FlatPart, string> name)
        {
            foreach (var part in state.Parameters.Parts.Where(part => !beginning.Contains(part.Name)))
                saved.Optimizer.ReadInto(name(part), part.Of(flat));
        }
    }

    /// <summary>Waits until the mirror has the last checkpoint, or has warned that it will not.</summary>
    /// <param name="stop">The user wants to go: it then waits for a while only.</param>
    public void FinishMirror(CancellationToken stop) => mirror?.Finish(stop);

    public void Dispose()
    {
        store?.Dispose();
        mirror?.Dispose();
    }

    private void Written(CheckpointManifest manifest)
    {
        events.Checkpoint(manifest.Step);
        mirror?.Offer(manifest.Step, isNew: true);
    }

    /// <summary>Equal plan hashes promise equal bits, on processors of one kind.</summary>
    private void WarnOfOtherProcessors(CheckpointManifest manifest)
    {
        if (group.Rank != 0 || manifest.PlanHash != plan.PlanHash || manifest.Processors is not { } before || before.Length != processors.Length)
            return;
        foreach (var (rank, (was, now)) in before.Zip(processors).Index().Where(pair => !pair.Item.Second.StartsWith(pair.Item.First, StringComparison.Ordinal)).Take(1)) // Older ones end before the threads.
        {
            events.Warning($"the checkpoint of step {manifest.Step} was computed on other processors or threads (rank {rank}: {was}; here: {now}): "
                + "the run goes on, within rounding of what it would have been there and not to the bit.");
        }
    }

    /// <summary>Names of what the forked run had frozen there and this one trains: without moments yet, so that they begin at zero.</summary>
    private HashSet<string> Beginning(TrainingState state, SafetensorsReader saved, int step)
    {
        if (plan.Fork?.Step != step)
            return [];
        var known = saved.Tensors.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        var beginning = state.Parameters.Parts.Where(part => !known.Contains(FirstMoment(part))).Select(part => part.Name).ToHashSet(StringComparer.Ordinal);
        if (beginning.Count > 0 && group.Rank == 0)
            events.Warning($"the checkpoint has no moments of {beginning.Count} parameters that were frozen there, such as {beginning.First()}: they begin at zero, in the middle of the stage.");
        return beginning;
    }

    /// <summary>Left fresh in a fork, whose options are others, and after a checkpoint of a time that knew no health.</summary>
    private void RestoreHealth(TrainingState state, SafetensorsReader saved, int step)
    {
        if (plan.Fork?.Step == step || saved.Tensors.All(tensor => tensor.Name != Health))
            return;
        using var health = saved.Read(Health);
        state.Health.State = health.data<double>().ToArray();
    }

    private void WarnOfMissing(int step, CheckpointException cause) =>
        events.Warning($"The checkpoint of step {step} was not written; the one before is kept. {cause.Message}");

    private CheckpointState Copy(TrainingState state, StagePlan stage, Tensor firstMoment, Tensor secondMoment) => new(
        state.Step,
        stage.Spec.Name,
        state.Ledger,
        StateWeights.Of(state),
        [
            .. state.Parameters.Parts.Select(part => new NamedTensor(FirstMoment(part), part.Of(firstMoment))),
            .. state.Parameters.Parts.Select(part => new NamedTensor(SecondMoment(part), part.Of(secondMoment))),
            new NamedTensor(Updates, tensor((long)state.Optimizer.Own.Updates)),
            new NamedTensor(Health, tensor(state.Health.State)),
        ],
        TakeLoss(),
        state.Merged.Count == 0 ? null : [.. state.Merged.Select(merged => merged.Record)],
        state.Untrained.Among(state.Model.Tensors, plan));

    private static string FirstMoment(FlatPart part) => $"first_moment.{part.Name}";

    private static string SecondMoment(FlatPart part) => $"second_moment.{part.Name}";

    private double? TakeLoss()
    {
        double? mean = lossSteps == 0 ? null : lossSum / lossSteps;
        (lossSum, lossSteps) = (0, 0);
        return mean;
    }

    /// <summary>Rank 0 looks, all ranks take its word: they must not resume at different steps.</summary>
    private int Agree(int known)
    {
        Span<int> step = [0];
        if (group.Rank == 0)
        {
            step[0] = catalog.ToGoOnFrom(known, torn => events.Warning($"{torn.Fault!.Message} Passed over."))?.Step
                ?? throw new CheckpointException(folder.Checkpoints, "no whole checkpoint; start a new run.");
        }
        group.AllReduce(step);
        return step[0];
    }
}
