using JointFusion.Training;

namespace JointFusion.Cli;

/// <summary>What this user's cache and state folders on this machine hold too long: data sets whose building was cut short, candidates' embeddings, and logs of agents.</summary>
/// <remarks>Whole data sets stay: any run of any root may read them.</remarks>
internal sealed record UserGarbage(string Cache, string State)
{
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    public IEnumerable<Garbage> Find(TimeSpan olderThan, DateTime now) => Unfinished(now).Concat(Logs(olderThan, now));

    /// <summary>Embeddings that are kept so that the next search or evaluation need not compute them, the longest unused first.</summary>
    public IEnumerable<Garbage> Embeddings()
    {
        var folder = new DirectoryInfo(EmbeddingCache.In(Cache));
        return !folder.Exists
            ? []
            : from entry in folder.GetDirectories()
              where !entry.Name.Contains(".tmp-", StringComparison.Ordinal)
              let used = EmbeddingCache.LastUseOf(entry)
              orderby used
              select Garbage.Of("embeddings", entry, used);
    }

    private IEnumerable<Garbage> Unfinished(DateTime now) => !Directory.Exists(Cache)
        ? []
        : from left in new DirectoryInfo(Cache).GetDirectories("*.tmp-*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 })
          let written = Garbage.FilesIn(left).Select(file => file.LastWriteTimeUtc).DefaultIfEmpty(left.LastWriteTimeUtc).Max()
          where now - written > Abandoned
          select Garbage.Of("leftover", left, written);

    private IEnumerable<Garbage> Logs(TimeSpan olderThan, DateTime now) =>
        from log in Garbage.FilesIn(new DirectoryInfo(Path.Combine(State, "agents")))
        where log.Extension == ".log" && now - log.LastWriteTimeUtc > olderThan
        select Garbage.Of("log", log, log.LastWriteTimeUtc);
}
