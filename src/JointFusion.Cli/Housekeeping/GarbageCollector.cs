using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary>Finds and removes what a root of experiments, and this machine's caches and logs, hold and nobody needs. Works on files alone, with a server over the root or without one.</summary>
/// <remarks>
/// A live run writes metrics at every step, so that an experiment nothing was written into for a day has none; a paused one finds its newest checkpoint when
/// it is resumed, however late. So nothing has to be asked, and no crash between asking and deleting can go wrong.
/// </remarks>
/// <param name="folders">Beside the root: cache and state of the user.</param>
internal sealed class GarbageCollector(string root, UserGarbage folders)
{
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    /// <summary>What may go, the longest still first.</summary>
    /// <returns>And bytes that the root, with this user's embeddings, would still be above the quota.</returns>
    public (ImmutableArray<Garbage> Garbage, long Above) Find(GarbagePolicy policy, DateTime now)
    {
        var all = Experiments().OrderBy(experiment => experiment.LastWritten).ToList();
        var still = all.Where(experiment => now - experiment.LastWritten >= GarbagePolicy.LeastStillness && !policy.Keep.Contains(experiment.Name)).ToList();
        var needed = new Lineages([.. all.Except(still).SelectMany(experiment => experiment.Plans), .. still.SelectMany(experiment => experiment.Plans).Where(plan => plan.Fork is not null)]);
        var found = ImmutableArray.CreateBuilder<Garbage>();
        found.AddRange(Leftovers(now));
        found.AddRange(folders.Find(policy.OlderThan, now));
        var embeddings = folders.Embeddings().ToList();
        var above = policy.Quota is { } quota ? all.Sum(experiment => experiment.Bytes) + embeddings.Sum(entry => entry.Bytes) - quota : 0;
        foreach (var entry in embeddings.Where(entry => MayGo(entry.Still)))
        {
            found.Add(entry);
            above -= entry.Bytes;
        }
        foreach (var experiment in still.Where(experiment => MayGo(experiment.LastWritten)))
        {
            var superfluous = experiment.Superfluous(needed).ToList();
            found.AddRange(superfluous);
            above -= superfluous.Sum(garbage => garbage.Bytes);
        }
        return (found.ToImmutable(), Math.Max(0, above));

        bool MayGo(DateTime stillSince) => now - stillSince >= policy.OlderThan || (above > 0 && now - stillSince >= GarbagePolicy.LeastStillness);
    }

    /// <summary>Removes one. A checkpoint is renamed first: a crash leaves none that is torn.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">It is another user's.</exception>
    public static void Remove(Garbage garbage)
    {
        if (File.Exists(garbage.Path))
        {
            File.Delete(garbage.Path);
            return;
        }
        var aside = Path.Combine(Path.GetDirectoryName(garbage.Path)!, $".tmp-{Path.GetFileName(garbage.Path).TrimStart('.')}-gone");
        if (aside != garbage.Path && Directory.Exists(garbage.Path))
            Directory.Move(garbage.Path, aside);
        if (Directory.Exists(aside))
            Directory.Delete(aside, recursive: true);
    }

    private IEnumerable<StillExperiment> Experiments() =>
        from path in Directory.GetDirectories(root)
        let folder = new ExperimentFolder(path)
        where !Path.GetFileName(path).StartsWith('.') && File.Exists(folder.Spec) && Directory.Exists(folder.Runs)
        select new StillExperiment(folder);

    /// <summary>Of a server that died while it made an experiment.</summary>
    private IEnumerable<Garbage> Leftovers(DateTime now) =>
        from left in new DirectoryInfo(root).GetDirectories(".new-*")
        where now - left.LastWriteTimeUtc > Abandoned
        select Garbage.Of("leftover", left, left.LastWriteTimeUtc);
}
