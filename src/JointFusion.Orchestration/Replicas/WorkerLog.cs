namespace JointFusion.Orchestration;

/// <summary>What a slot's workers write to standard output and error: appended to one file, the last error lines and what crashed it kept at hand.</summary>
internal sealed class WorkerLog : IDisposable
{
    private const int ErrorLinesKept = 12;
    private readonly Lock gate = new();
    private readonly RotatingLog file;
    private readonly Queue<string> lastErrors = new();
    private RunLog? run;
    private string? crash;
    private long lost;

    public WorkerLog(string path) => file = new RotatingLog(path);

    public IReadOnlyCollection<string> LastErrors
    {
        get
        {
            lock (gate)
                return crash is null || lastErrors.Contains(crash) ? [.. lastErrors] : [crash, .. lastErrors];
        }
    }

    /// <summary>What follows is written into the run's own log too.</summary>
    /// <param name="log">Owned; null: into none.</param>
    public void Follow(RunLog? log)
    {
        lock (gate)
        {
            run?.Dispose();
            run = log;
        }
    }

    /// <summary>Into the run's own log alone.</summary>
    public void Say(WorkerMessage message)
    {
        lock (gate)
            Try(() => run?.Say(message, DateTimeOffset.UtcNow));
    }

    public void Output(string line)
    {
        lock (gate)
            Write(line);
    }

    public void Error(string line)
    {
        lock (gate)
        {
            Write(line);
            if (line.StartsWith("Unhandled exception", StringComparison.Ordinal))
                crash = line; // what happened: the trace below it may be long
            lastErrors.Enqueue(line);
            if (lastErrors.Count > ErrorLinesKept)
                lastErrors.Dequeue();
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            run?.Dispose();
            file.Dispose();
        }
    }

    private void Write(string line)
    {
        Try(() => run?.Line(line));
        Try(() =>
        {
            if (lost > 0)
                file.WriteLine($"({lost} lines could not be written here)");
            lost = 0;
            file.WriteLine(line);
        });
    }

    /// <summary>A full disk must not end the agent: what did not fit is counted, and told once there is room again.</summary>
    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException)
        {
            lost++;
        }
    }
}
