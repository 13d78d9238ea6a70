namespace JointFusion.Orchestration;

/// <summary>Steps of one worker between its link's reader and its actor: the newest alone beyond so many, however long the actor is kept from looking.</summary>
internal sealed class StepInbox
{
    private const int Kept = 256;
    private readonly Lock gate = new();
    private readonly Queue<WorkerMessage.Step> waiting = new();

    /// <returns>Whether the actor is to be told: it has not been since it last looked.</returns>
    public bool Add(WorkerMessage.Step step)
    {
        lock (gate)
        {
            if (waiting.Count == Kept)
                waiting.Dequeue();
            waiting.Enqueue(step);
            return waiting.Count == 1;
        }
    }

    public IReadOnlyCollection<WorkerMessage.Step> TakeAll()
    {
        lock (gate)
        {
            var all = waiting.ToArray();
            waiting.Clear();
            return all;
        }
    }
}
