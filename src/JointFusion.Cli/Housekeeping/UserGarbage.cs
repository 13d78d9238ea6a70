namespace JointFusion.Cli;

/// <summary>What this user's cache and state folders on this machine hold too long: data sets whose building was cut short, and logs of agents.</summary>
/// <remarks>Whole data sets stay: any run of any root may read them.</remarks>
internal sealed record UserGarbage(string Cache, string State)
{
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    public IEnumerable<Garbage> Find(TimeSpan olderThan, DateTime now) => Unfinished(now).Concat(Logs(olderThan, now));

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
