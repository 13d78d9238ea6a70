using System.Diagnostics;
using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>Writes a run's checkpoints, from rank 0: the copy is taken at once, the write goes on behind on one thread of its own.</summary>
/// <remarks>
///   training thread   Save: wait for the write before -> copy tensors ----> train on ...
///   writer thread                                          \-> write, sync, rename -> Written -> retire old ones
/// One write is under way at most, so one copy of the state is held at most. Not safe for several threads, but for <see cref="Pin"/>.
/// </remarks>
public sealed class CheckpointStore : IDisposable
{
    private readonly object gate = new();
    private readonly CheckpointFolderWriter writer;
    private readonly CheckpointJanitor janitor;
    private readonly CheckpointEvents events;
    private readonly SnapshotBuffer snapshot = new();
    private readonly Thread thread;
    private Job? job;
    private CheckpointException? failure;
    private int? pinned;
    private bool stopping;

    /// <summary>Claims the folder for the owner's generation, removes what dead generations left, and starts the writer's thread.</summary>
    /// <param name="isInUse">Asked on the writer's thread whether a step's files are being read, so that it must stay; null: nobody reads.</param>
    /// <exception cref="CheckpointException">A newer generation writes here already.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public CheckpointStore(
        RunFolder folder, CheckpointSpec spec, CheckpointOwner owner, CheckpointEvents events, IDisk? disk = null, Func<int, bool>? isInUse = null)
    {
        disk ??= new PhysicalDisk();
        this.events = events;
        writer = new CheckpointFolderWriter(folder, owner, disk);
        janitor = new CheckpointJanitor(folder, owner, spec, disk, isInUse);
        Catalog = new CheckpointCatalog(folder);
        writer.ThrowIfSuperseded();
        janitor.MoveIn();
        thread = new Thread(Run) { IsBackground = true, Name = "checkpoint-writer" };
        thread.Start();
    }

    public CheckpointCatalog Catalog { get; }

    /// <summary>Takes a copy and returns; the write goes on behind. Waits first for the write before, if it is still under way.</summary>
    /// <exception cref="ArgumentException">A tensor's type has no name in safetensors.</exception>
    public CheckpointStall Save(CheckpointState state)
    {
        ObjectDisposedException.ThrowIf(stopping, this);
        var start = Stopwatch.GetTimestamp();
        WaitForWriter();
        var waited = Stopwatch.GetElapsedTime(start);
        var (weights, optimizer) = snapshot.Copy(state.Weights, state.Optimizer);
        lock (gate)
        {
            // The live tensors belong to the training thread: the writer must not even see them.
            job = new Job(state with { Weights = [], Optimizer = [] }, weights, optimizer);
            failure = null;
            Monitor.PulseAll(gate);
        }
        return new CheckpointStall(waited, Stopwatch.GetElapsedTime(start) - waited);
    }

    /// <summary>Waits for the write under way.</summary>
    /// <exception cref="CheckpointException">The last write failed.</exception>
    public void Flush()
    {
        WaitForWriter();
        if (failure is { } failed) throw new CheckpointException(failed.Path, failed.Cause, failed);
    }

    /// <summary>This step's checkpoint (journalled, or being read) and the one written after it are never deleted, until another is named. From any thread.</summary>
    /// <remarks>The one after it may be journalled already, with the word on its way.</remarks>
    public void Pin(int step)
    {
        lock (gate) pinned = step;
    }

    /// <summary>Waits for the write under way; its outcome goes to the events alone.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            stopping = true;
            Monitor.PulseAll(gate);
        }
        thread.Join();
        snapshot.Dispose();
    }

    private void WaitForWriter()
    {
        lock (gate)
        {
            while (job is not null) Monitor.Wait(gate);
        }
    }

    private void Run()
    {
        while (NextJob() is { } next)
        {
            var failed = TryWrite(next);
            if (failed is not null) events.Failed(next.State.Step, failed);
            lock (gate)
            {
                failure = failed;
                job = null;
                Monitor.PulseAll(gate);
            }
        }
    }

    private Job? NextJob()
    {
        lock (gate)
        {
            while (job is null && !stopping) Monitor.Wait(gate);
            return job;
        }
    }

    private CheckpointException? TryWrite(Job next)
    {
        try
        {
            var (manifest, replaced) = writer.Write(next.State, next.Weights, next.Optimizer);
            events.Written(manifest);
            janitor.Retire(next.State.Step, replaced, Pinned());
            return null;
        }
        catch (CheckpointException e)
        {
            return e;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new CheckpointException($"checkpoint of step {next.State.Step}", e.Message, e);
        }
    }

    private int? Pinned()
    {
        lock (gate) return pinned;
    }

    private sealed record Job(CheckpointState State, TensorImage[] Weights, TensorImage[] Optimizer);
}
