namespace JointFusion.Numerics.Tests;

/// <summary>A clock that a test moves.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => now;

    public void Pass(double seconds) => now += TimeSpan.FromSeconds(seconds).Ticks;
}
