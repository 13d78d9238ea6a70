using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>Copies a run's checkpoints to storage behind training, from rank 0, on one thread of its own.</summary>
/// <remarks>
/// <code>
///   writer's thread   a checkpoint is whole -> Offer: it waits; one that waited already is passed over
///   mirror's thread                              \-> copy, manifest last -> retire old ones there -> the one that waits ...
///   training thread   at the end alone -> Finish
/// </code>
/// What fails is told as a warning; the next checkpoint tries again.
/// </remarks>
internal sealed class CheckpointMirror : IDisposable
{
    /// <summary>Once asked to stop: less than the node agent gives a rank for that, so that it still ends by itself.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(40);

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(0.5);

    private readonly object gate = new();
    private readonly CancellationTokenSource abandoned = new();
    private readonly ObjectStore store;
    private readonly MirroredRun run;
    private readonly IRunEvents events;
    private readonly Thread thread;
    private Job? waiting, underWay;
    private bool stopping;

    public CheckpointMirror(StorageAddress mirror, RunPlan plan, RunFolder folder, IRunEvents events)
    {
        this.events = events;
        store = new ObjectStore(new MirrorNames(folder).Place(mirror));
        run = new MirroredRun(store, plan, folder);
        thread = new Thread(Run) { IsBackground = true, Name = "checkpoint-mirror" };
        thread.Start();
    }

    /// <summary>This checkpoint is whole on disk, and the next to be copied. From any thread; never waits.</summary>
    /// <param name="isNew">Just written; otherwise it is copied only where it is not there yet.</param>
    public void Offer(int step, bool isNew)
    {
        lock (gate)
        {
            waiting = new Job(step, isNew);
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Whether the files of this step must stay. From any thread.</summary>
    public bool IsReading(int step)
    {
        lock (gate) return step == underWay?.Step || step == waiting?.Step;
    }

    /// <summary>Waits until the last one offered is there, or has failed with a warning.</summary>
    /// <param name="stop">The user wants to go: after a while what is not there is given up, with a warning.</param>
    public void Finish(CancellationToken stop)
    {
        Deadline? patience = null;
        while (IsBusy())
        {
            if (stop.IsCancellationRequested)
                patience ??= new Deadline(StopPatience);
            if (patience is { Passed: true })
            {
                Abandon();
                return;
            }
        }
    }

    /// <summary>Gives up what is not there yet.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            (stopping, waiting) = (true, null);
            Monitor.PulseAll(gate);
        }
        abandoned.Cancel();
        thread.Join();
        store.Dispose();
        abandoned.Dispose();
    }

    /// <summary>Returns false at once when it is idle, otherwise true after a moment.</summary>
    private bool IsBusy()
    {
        lock (gate)
        {
            if ((waiting ?? underWay) is null)
                return false;
            Monitor.Wait(gate, Look);
            return true;
        }
    }

    private void Abandon()
    {
        int? step;
        lock (gate) step = (waiting ?? underWay)?.Step;
        events.Warning($"The checkpoint of step {step} was not copied to {store.Place} in the time that is left; it is on disk, and going on copies it.");
    }

    private void Run()
    {
        while (Next() is { } job)
        {
            if (TryCopy(job))
                TryRetire(job.Step);
            lock (gate)
            {
                underWay = null;
                Monitor.PulseAll(gate);
            }
        }
    }

    private Job? Next()
    {
        lock (gate)
        {
            while (waiting is null && !stopping) Monitor.Wait(gate);
            (underWay, waiting) = (waiting, null);
            return underWay;
        }
    }

    private bool TryCopy(Job job)
    {
        try
        {
            run.Put(job.Step, job.IsNew, abandoned.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (Exception e) when (e is CheckpointException or IOException or UnauthorizedAccessException)
        {
            events.Warning($"The checkpoint of step {job.Step} was not copied to {store.Place}; it is on disk, and the next one tries again. {e.Message}");
            return false;
        }
    }

    private void TryRetire(int step)
    {
        try
        {
            run.Retire(step, abandoned.Token);
        }
        catch (OperationCanceledException)
        {
        }
        catch (CheckpointException e)
        {
            events.Warning($"The checkpoint of step {step} is in {store.Place}, but an older one there could not be removed; the next one tries again. {e.Message}");
        }
    }

    private sealed record Job(int Step, bool IsNew);
}
