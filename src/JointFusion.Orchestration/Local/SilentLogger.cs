using Akka.Event;

namespace JointFusion.Orchestration;

/// <summary>Stands where Akka falls back to the terminal: for the few lines before <see cref="FileLogger"/> opens and after it closes.</summary>
public sealed class SilentLogger : MinimalLogger
{
    protected override void Log(object message)
    {
    }
}
