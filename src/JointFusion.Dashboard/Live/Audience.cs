namespace JointFusion.Dashboard;

/// <summary>Counts those who are still to be told something, so that one may wait for the last of them.</summary>
internal sealed class Audience
{
    private readonly Lock gate = new();
    private readonly HashSet<object> waiting = [];
    private TaskCompletionSource? empty;

    public void Enter(object listener)
    {
        lock (gate)
            waiting.Add(listener);
    }

    /// <summary>May be called again, and by who never entered.</summary>
    public void Leave(object listener)
    {
        lock (gate)
        {
            waiting.Remove(listener);
            if (waiting.Count == 0)
                empty?.TrySetResult();
        }
    }

    /// <summary>Completes once nobody is left. For one caller.</summary>
    public Task WhenEmpty()
    {
        lock (gate)
        {
            empty = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (waiting.Count == 0)
                empty.SetResult();
            return empty.Task;
        }
    }
}
