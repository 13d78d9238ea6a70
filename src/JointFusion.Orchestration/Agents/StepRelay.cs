namespace JointFusion.Orchestration;

/// <summary>A node's steps on their way to the coordinator. Those that come faster than they are passed on wait here, the newest alone beyond so many. Pure but for its queue.</summary>
/// <remarks>
/// <code>
/// worker's link --> WorkerActor --> StepRelay --> at most Batch a Pause --> coordinator --> feeds, each with its own bound
/// </code>
/// Without it, a worker that steps thousands of times a second would fill the coordinator's mailbox, and its memory.
/// </remarks>
/// <param name="capacity">Steps that wait at most.</param>
internal sealed class StepRelay(int capacity)
{
    /// <summary>Passed on at once, at most.</summary>
    public const int Batch = 64;

    /// <summary>Between batches: 1,280 steps a second and node.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Queue<StepReport> waiting = new();

    /// <summary>Steps left out so far.</summary>
    public long Dropped { get; private set; }

    public bool IsEmpty => waiting.Count == 0;

    public void Add(StepReport step)
    {
        if (waiting.Count == capacity)
        {
            waiting.Dequeue();
            Dropped++;
        }
        waiting.Enqueue(step);
    }

    /// <summary>The oldest, in order.</summary>
    public IEnumerable<StepReport> Take(int most)
    {
        for (; most > 0 && waiting.TryDequeue(out var step); most--)
            yield return step;
    }
}
