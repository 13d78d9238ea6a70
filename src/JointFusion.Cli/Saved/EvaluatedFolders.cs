using System.Collections.Immutable;
using JointFusion.Dashboard;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary>From folders that a user names to the evaluations in them.</summary>
internal static class EvaluatedFolders
{
    /// <param name="paths">Runs, experiments for all their evaluated runs, or folders of <c>jf eval --out</c>.</param>
    /// <returns>In the order named; names that stand twice carry their experiment's, too.</returns>
    /// <exception cref="BadInputException">A folder holds no evaluation.</exception>
    public static ImmutableArray<EvaluatedRun> Read(IEnumerable<string> paths)
    {
        var folders = paths.SelectMany(Runs).DistinctBy(folder => folder.Path).ToList();
        var twice = folders.GroupBy(Name).Where(same => same.Count() > 1).Select(same => same.Key).ToHashSet();
        return [.. folders.Select(folder => EvaluatedRun.Read(folder, twice.Contains(Name(folder)) ? LongName(folder) : Name(folder))!)];
    }

    private static IEnumerable<RunFolder> Runs(string path)
    {
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (File.Exists(new RunFolder(folder).Evaluation))
            return [new RunFolder(folder)];
        var experiment = new ExperimentFolder(folder);
        if (!Directory.Exists(experiment.Runs))
        {
            throw new BadInputException(File.Exists(new RunFolder(folder).Plan)
                ? $"{folder}: the run has not been evaluated yet. 'jf eval {path} --out DIR' evaluates its newest checkpoint; then compare DIR."
                : $"{folder}: {(Directory.Exists(folder) ? "holds no evaluation.json" : "there is no such folder")}. Give a run's folder, an experiment's, or one that 'jf eval --out' wrote.");
        }
        RunFolder[] evaluated = [.. Directory.GetDirectories(experiment.Runs).Order(StringComparer.Ordinal).Select(run => new RunFolder(run)).Where(run => File.Exists(run.Evaluation))];
        return evaluated.Length > 0 ? evaluated : throw new BadInputException($"{folder}: none of its runs has been evaluated yet.");
    }

    private static string Name(RunFolder folder) => Path.GetFileName(folder.Path);

    /// <summary>Its experiment's folder, above runs/, or whatever it lies in.</summary>
    private static string LongName(RunFolder folder)
    {
        var above = Path.GetDirectoryName(folder.Path) ?? "";
        return $"{Path.GetFileName(Path.GetFileName(above) == "runs" ? Path.GetDirectoryName(above) : above)}/{Name(folder)}";
    }
}
