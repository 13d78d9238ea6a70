namespace JointFusion.Tests;

/// <summary>A clock that jumps to whatever is due next; what is due at the same moment happens in the order it was asked for.</summary>
internal sealed class VirtualTime
{
    private readonly PriorityQueue<Action, (long Ticks, long Number)> due = new();
    private long number;

    public DateTimeOffset Now { get; private set; } = Samples.Noon;

    public TimeSpan Elapsed => Now - Samples.Noon;

    public void After(double seconds, Action action) => At(Now + TimeSpan.FromSeconds(seconds), action);

    public void At(DateTimeOffset moment, Action action) => due.Enqueue(action, (Math.Max(moment.Ticks, Now.Ticks), number++));

    /// <summary>Does the next thing; false where nothing is left to do.</summary>
    public bool Step()
    {
        if (!due.TryDequeue(out var action, out var key))
            return false;
        Now = new DateTimeOffset(key.Ticks, TimeSpan.Zero);
        action();
        return true;
    }
}
