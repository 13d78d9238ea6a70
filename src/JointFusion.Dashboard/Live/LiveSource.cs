using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>What a live page is about, and where the files of its runs are.</summary>
/// <param name="Title">Shown until the plan of a run has a better one, and for a server always.</param>
/// <param name="IsOneExperiment">Whether all runs are of one experiment.</param>
/// <param name="Folder">Of a run, by the name that the cluster has for it.</param>
public sealed record LiveSource(string Title, bool IsOneExperiment, Func<string, RunFolder> Folder)
{
    public static LiveSource Of(ExperimentFolder folder) => new(Path.GetFileName(folder.Path), IsOneExperiment: true, folder.Run);
}
