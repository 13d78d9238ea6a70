using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace JointFusion.Data;

/// <summary>Makes one rank's batches ahead of their use, on one thread of its own.</summary>
public sealed class BatchLoader : IBatchSource
{
    private readonly MbeirDataset data;
    private readonly ItemLoader items;
    private readonly BatchSampler sampler;
    private readonly int rank;
    private readonly int world;
    private readonly int lastStep;
    private readonly BlockingCollection<PairBatch> ready;
    private readonly CancellationTokenSource stop = new();
    private readonly Thread thread;
    private ExceptionDispatchInfo? failure;
    private int nextStep;

    /// <param name="firstStep">The first that will be asked for, counted over the whole run from 1.</param>
    /// <param name="lastStep">The last, inclusive.</param>
    /// <param name="depth">Batches made ahead. Default 3.</param>
    public BatchLoader(
        MbeirDataset data, ItemLoader items, BatchSampler sampler, int rank, int world, int firstStep, int lastStep, int depth = 3)
    {
        (this.data, this.items, this.sampler) = (data, items, sampler);
        (this.rank, this.world, this.lastStep, nextStep) = (rank, world, lastStep, firstStep);
        ready = new BlockingCollection<PairBatch>(depth);
        thread = new Thread(() => LoadAll(firstStep)) { Name = $"batches of rank {rank}", IsBackground = true };
        thread.Start();
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The step is not the one after the last asked for, or lies beyond the last.</exception>
    /// <exception cref="DataException">The batch could not be made.</exception>
    public PairBatch Next(int step)
    {
        if (step != nextStep || step > lastStep)
        {
            throw new InvalidOperationException($"Step {step} was asked for; the next is {nextStep}, the last {lastStep}.");
        }

        if (!ready.TryTake(out var batch, Timeout.Infinite))
        {
            failure?.Throw();
            throw new InvalidOperationException($"The thread that makes batches ended before step {step}.");
        }

        nextStep++;
        return batch;
    }

    /// <summary>Returns once the thread has ended.</summary>
    public void Dispose()
    {
        stop.Cancel();
        thread.Join();
        ready.Dispose();
        stop.Dispose();
    }

    // Whatever goes wrong here is thrown by Next: an exception that leaves a thread ends the process.
    private void LoadAll(int firstStep)
    {
        try
        {
            for (var step = firstStep; step <= lastStep; step++)
            {
                ready.Add(Load(step), stop.Token);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Disposed: nobody waits for what was being made.
        }
        catch (Exception error)
        {
            failure = ExceptionDispatchInfo.Capture(error);
        }

        ready.CompleteAdding();
    }

    private PairBatch Load(int step)
    {
        var global = sampler.At(step);
        var layout = new BatchLayout(
            [.. global.Rows.Select(row => row.Candidates)], [.. global.Rows.Select(row => row.Query.Positives)], rank, world,
            [.. global.Rows.Select(row => row.Query.DataSet)], [.. global.Rows.Select(row => row.Query.Task)], candidate => data.Candidates[candidate].Modality);
        var rows = global.Rows.AsSpan(layout.Local.First, layout.Local.Count).ToArray();
        return new PairBatch
        {
            Step = step,
            Queries = items.Load([.. rows.Select(row => ItemRef.Of(row.Query, row.Instruction))]),
            Candidates = items.Load([.. rows.SelectMany(row => row.Candidates).Select(candidate => ItemRef.Of(data.Candidates[candidate]))]),
            Layout = layout,
            LedgerEntry = global.LedgerEntry,
        };
    }
}
