using System.Collections.Immutable;
using System.Globalization;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary>An experiment's folder, held by this process alone while it is open.</summary>
public sealed class ExperimentWorkspace : IDisposable
{
    private readonly FileStream held;

    private ExperimentWorkspace(ExperimentFolder folder, FileStream held, ImmutableArray<RunPlan> plans) =>
        (Folder, this.held, Plans) = (folder, held, plans);

    public ExperimentFolder Folder { get; }
    public ImmutableArray<RunPlan> Plans { get; }

    /// <summary>A new folder below <paramref name="root"/>, named after the experiment and the time; two at the same second get two folders.</summary>
    /// <param name="fill">Puts into the folder what the runs begin from; the folder goes again if it fails.</param>
    public static ExperimentWorkspace Create(string root, string specPath, PlannedExperiment planned, Action<ExperimentFolder> fill)
    {
        var folder = new ExperimentFolder(NewFolder(root, planned.Spec.Name));
        var held = Hold(folder);
        try
        {
            File.Copy(specPath, folder.Spec);
            if (Path.Combine(Path.GetDirectoryName(Path.GetFullPath(specPath))!, TaskGroups.FileName) is var groups && File.Exists(groups))
                File.Copy(groups, folder.TaskGroups);
            foreach (var plan in planned.Runs)
            {
                Directory.CreateDirectory(folder.Run(plan.Run).Path);
                PlanFile.Write(folder.Run(plan.Run), plan);
            }
            fill(folder);
            return new ExperimentWorkspace(folder, held, planned.Runs);
        }
        catch
        {
            held.Dispose();
            Directory.Delete(folder.Path, recursive: true);
            throw;
        }
    }

    /// <summary>The folder of an experiment that was begun before.</summary>
    /// <exception cref="BadInputException">It is no such folder, it is in use, or a plan in it cannot be read.</exception>
    public static ExperimentWorkspace Open(string path)
    {
        var folder = new ExperimentFolder(Path.GetFullPath(path));
        if (!File.Exists(folder.Spec) || !Directory.Exists(folder.Runs))
            throw new BadInputException($"{folder.Path}: not an experiment's folder (no experiment.yaml and runs/ in it). Give the folder that 'jf run' named when it began.");
        var held = Hold(folder);
        try
        {
            return new ExperimentWorkspace(folder, held, [.. Directory.GetDirectories(folder.Runs).Order(StringComparer.Ordinal).Select(run => PlanFile.Read(new RunFolder(run)))]);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>The same experiment on what another spec says of resources and checkpoints, with the runs that it adds. Disposes this one if that is refused.</summary>
    /// <exception cref="BadInputException">The spec lacks a run or is of another science: lists each difference.</exception>
    public ExperimentWorkspace Revised(string specPath, PlannedExperiment planned)
    {
        try
        {
            ImmutableArray<RunPlan> plans = [.. SpecRevision.Of(Folder, Plans, specPath, planned.Runs)];
            foreach (var plan in plans)
            {
                Directory.CreateDirectory(Folder.Run(plan.Run).Path);
                PlanFile.Write(Folder.Run(plan.Run), plan);
            }
            if (Path.GetFullPath(specPath) != Folder.Spec)
                File.Copy(specPath, Folder.Spec, overwrite: true);
            return new ExperimentWorkspace(Folder, held, plans);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose() => held.Dispose();

    private static string NewFolder(string root, string name)
    {
        var stamp = DateTime.Now.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        for (var attempt = 1; ; attempt++)
        {
            var path = Path.GetFullPath(Path.Combine(root, attempt == 1 ? $"{name}-{stamp}" : $"{name}-{stamp}-{attempt}"));
            Directory.CreateDirectory(root);
            if (TryCreate(path))
                return path;
        }
    }

    /// <summary>Of two processes that want one name, one gets it: a link to an existing name fails, unlike creating a directory.</summary>
    private static bool TryCreate(string path)
    {
        var claim = path + ".claim";
        try
        {
            using var first = new FileStream(claim, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            if (Directory.Exists(path))
                return false;
            Directory.CreateDirectory(path);
            return true;
        }
        catch (IOException) when (File.Exists(claim))
        {
            return false;
        }
    }

    private static FileStream Hold(ExperimentFolder folder)
    {
        try
        {
            return new FileStream(folder.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException inUse)
        {
            throw new BadInputException($"{folder.Path}: another jf works on it ({inUse.Message}). Wait for it to end, or stop it with Ctrl-C.");
        }
    }
}
