using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>The metrics of the runs that were looked at last: a page asks for the same run again and again.</summary>
internal sealed class MetricShelf
{
    public const int FewestPoints = 10, UsualPoints = 500, MostPoints = 10_000;

    /// <summary>Of a few MB each at most.</summary>
    public const int MostRuns = 16;

    private readonly Lock gate = new();
    private readonly List<(string Path, MetricFile File)> latest = [];

    /// <summary>So many runs are remembered.</summary>
    internal int Held
    {
        get
        {
            lock (gate)
                return latest.Count;
        }
    }

    /// <summary>Curves of a run, in the order of <paramref name="metrics"/>. The first time a long run is looked at, its file is read: a second for some hundred MB.</summary>
    /// <param name="run">As the answer names it.</param>
    /// <param name="limit">Of points of each.</param>
    /// <exception cref="ApiException">Its file cannot be read.</exception>
    public async Task<RunSeries> SeriesAsync(string run, RunFolder folder, IReadOnlyList<string> metrics, StepRange range, int limit, CancellationToken cancel)
    {
        try
        {
            return await Task.Run(() => Of(folder.Metrics).Read(run, metrics, range, limit), cancel);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new ApiException(503, "The metrics cannot be read", unreadable.Message);
        }
    }

    private MetricFile Of(string path)
    {
        lock (gate)
        {
            var at = latest.FindIndex(known => known.Path == path);
            var file = at < 0 ? new MetricFile(path) : latest[at].File;
            if (at >= 0)
                latest.RemoveAt(at);
            latest.Insert(0, (path, file));
            if (latest.Count > MostRuns)
                latest.RemoveAt(MostRuns);
            return file;
        }
    }
}
