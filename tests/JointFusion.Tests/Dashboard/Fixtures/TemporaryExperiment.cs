using JointFusion.Experiments;

namespace JointFusion.Tests;

/// <summary>An experiment's folder that is gone after the test.</summary>
internal sealed class TemporaryExperiment : IDisposable
{
    public TemporaryExperiment(params FixtureRun[] runs)
    {
        Folder = new ExperimentFolder(Directory.CreateTempSubdirectory("jointfusion-dashboard-").FullName);
        foreach (var run in runs)
            run.WriteTo(Folder);
    }

    public ExperimentFolder Folder { get; }

    public void Dispose() => Directory.Delete(Folder.Path, recursive: true);
}
