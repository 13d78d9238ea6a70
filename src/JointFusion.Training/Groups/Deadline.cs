using System.Diagnostics;

namespace JointFusion.Training;

/// <summary>A moment in the monotonic future.</summary>
internal readonly struct Deadline(TimeSpan timeout)
{
    private readonly long start = Stopwatch.GetTimestamp();

    public TimeSpan Timeout => timeout;

    /// <summary>Zero once it has passed.</summary>
    public TimeSpan Remaining
    {
        get
        {
            var remaining = timeout - Stopwatch.GetElapsedTime(start);
            return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
        }
    }

    public bool Passed => Remaining == TimeSpan.Zero;

    /// <summary>For a socket's timeout, which takes 0 as endless.</summary>
    public int RemainingMilliseconds => (int)Math.Clamp(Remaining.TotalMilliseconds, 1, int.MaxValue);
}
