namespace JointFusion.Orchestration;

/// <summary>Where a coordinator's events are kept. What it says of itself holds no password.</summary>
public abstract class JournalPlace
{
    /// <summary>What linq2db calls the kind of database.</summary>
    internal abstract string Provider { get; }

    /// <summary>For Akka's settings alone: it may hold a password.</summary>
    internal abstract string Connection { get; }

    /// <summary>Looks at it before Akka opens it, whose own way of failing takes half a minute and names no file.</summary>
    /// <exception cref="InvalidOperationException">It cannot be used; the message says why and what to do.</exception>
    public abstract Task CheckAsync(CancellationToken cancel);
}
