using System.Data.Common;

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

    /// <summary>What happened to a run, newest first; also while a coordinator writes it.</summary>
    /// <param name="run">As the cluster knows it.</param>
    /// <param name="after">Entries up to this number are left out.</param>
    /// <exception cref="DbException">It cannot be read.</exception>
    public abstract IAsyncEnumerable<JournalEntry> ReadAsync(string run, long after, CancellationToken cancel);

    /// <summary>Bytes that it takes on its disk.</summary>
    /// <exception cref="DbException">It cannot be read.</exception>
    public abstract Task<long> SizeAsync(CancellationToken cancel);
}
