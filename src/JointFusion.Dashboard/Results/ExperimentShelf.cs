using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>The experiments whose folders pages may read: those of a server, or the one of <c>jf run</c>.</summary>
internal sealed class ExperimentShelf(Func<IEnumerable<ShelvedExperiment>> read)
{
    /// <summary>The newest first.</summary>
    public ImmutableArray<ShelvedExperiment> All => [.. read()];

    public static ExperimentShelf Of(IExperimentDesk desk) => new(() =>
        from experiment in desk.Experiments.Reverse()
        let folder = desk.FolderOf(experiment.Name)
        select new ShelvedExperiment(experiment.Name, folder, [.. experiment.Runs.Select(run => Run(run, run[(experiment.Name.Length + 1)..], folder))]));

    public static ExperimentShelf Of(ExperimentFolder folder) => new(() =>
        [new ShelvedExperiment(Path.GetFileName(folder.Path), folder, [.. RunsOf(folder).Select(run => Run(run, run, folder))])]);

    /// <returns>Null: there is none of that name.</returns>
    public ShelvedExperiment? Find(string? name) => read().FirstOrDefault(experiment => experiment.Name == name);

    /// <exception cref="ApiException">There is no such run.</exception>
    public void Require(string experiment, string run)
    {
        if (Find(experiment)?.Runs.Any(known => known.Name == run) != true)
            throw ApiException.NotFound($"No run \"{experiment}/{run}\" here: the page of runs and `jf status` list them.");
    }

    private static ShelvedRun Run(string known, string name, ExperimentFolder folder) => new(known, name, folder.Run(name));

    private static IEnumerable<string> RunsOf(ExperimentFolder folder) => Directory.Exists(folder.Runs)
        ? Directory.GetDirectories(folder.Runs).Where(run => File.Exists(new RunFolder(run).Plan)).OrderBy(run => File.GetLastWriteTimeUtc(new RunFolder(run).Plan)).Select(run => Path.GetFileName(run))
        : [];
}

/// <param name="Runs">In the grid's order.</param>
public sealed record ShelvedExperiment(string Name, ExperimentFolder Folder, ImmutableArray<ShelvedRun> Runs);

/// <param name="Known">The cluster's name of it, such as EXPERIMENT/RUN.</param>
/// <param name="Name">Within its experiment.</param>
public sealed record ShelvedRun(string Known, string Name, RunFolder Folder);
