namespace JointFusion.Orchestration;

/// <summary>What a slot's workers write to standard output and error: appended to one file, the last error lines kept at hand.</summary>
internal sealed class WorkerLog : IDisposable
{
    private const int ErrorLinesKept = 12;
    private readonly Lock gate = new();
    private readonly StreamWriter file;
    private readonly Queue<string> lastErrors = new();

    public WorkerLog(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        file = new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
    }

    public IReadOnlyCollection<string> LastErrors
    {
        get
        {
            lock (gate)
                return [.. lastErrors];
        }
    }

    public void Output(string line)
    {
        lock (gate)
            file.WriteLine(line);
    }

    public void Error(string line)
    {
        lock (gate)
        {
            file.WriteLine(line);
            lastErrors.Enqueue(line);
            if (lastErrors.Count > ErrorLinesKept)
                lastErrors.Dequeue();
        }
    }

    public void Dispose()
    {
        lock (gate)
            file.Dispose();
    }
}
