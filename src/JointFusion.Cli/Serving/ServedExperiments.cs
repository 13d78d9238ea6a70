using System.Collections.Immutable;
using System.Text.RegularExpressions;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary>The experiments below a server's root, each a folder as <c>jf run</c> makes one. Held by one server at a time: by the one that leads, where several share them.</summary>
/// <remarks>A folder is made beside and renamed: it is whole or not there, and once it is there its runs will be queued, whatever dies meanwhile.</remarks>
internal sealed partial class ServedExperiments : IDisposable
{
    private const string Unfinished = ".new-";
    private readonly Lock gate = new();
    private readonly FileStream? held;
    private readonly bool isShared;
    private ImmutableList<ServedExperiment> known;

    /// <param name="root">Made if missing.</param>
    /// <param name="isShared">Who leads is settled elsewhere, and one that died on another machine holds nothing up.</param>
    /// <exception cref="BadInputException">It cannot be used, or another server has it.</exception>
    public ServedExperiments(string root, bool isShared = false)
    {
        Root = root;
        this.isShared = isShared;
        try
        {
            Directory.CreateDirectory(root);
            held = isShared ? null : new FileStream(Path.Combine(root, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{root}: another jf serve works on it, or it cannot be written ({refused.Message}). Give another --root, or end that server.");
        }
        foreach (var left in Directory.GetDirectories(root, Unfinished + "*"))
            Directory.Delete(left, recursive: true);
        known = [.. Directory.GetDirectories(root).Select(ServedExperiment.Open).OfType<ServedExperiment>().OrderBy(experiment => experiment.Begun)];
    }

    public string Root { get; }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<ServedExperiment> All => known;

    public ServedExperiment? Find(string name) => known.Find(experiment => experiment.Name == name) ?? (isShared ? TakeUp(name) : null);

    public ExperimentFolder FolderOf(string name) => new(Path.Combine(Root, name));

    /// <summary>By the cluster's name of a run: EXPERIMENT/RUN.</summary>
    public RunFolder RunFolderOf(string name) => name.Split('/') is [var experiment, var run] ? FolderOf(experiment).Run(run) : FolderOf(".none").Run(name);

    /// <summary>Why an experiment cannot have this name; null: it can.</summary>
    public string? FaultOf(string name)
    {
        if (!Names().IsMatch(name))
            return $"\"{name}\" is no name for an experiment: give lower-case letters, digits, '-', '_' and '.', beginning with a letter or digit, at most 100.";
        return ServerRoot.IsOwn(name) || Path.Exists(Path.Combine(Root, name)) ? $"\"{name}\" is taken in {Root} by something that is no experiment of this server. Give another name." : null;
    }

    /// <param name="user">Who submits it; null: nobody in particular.</param>
    /// <param name="fill">Puts into its folder what the runs begin from.</param>
    /// <exception cref="IOException">The disk refuses.</exception>
    public ServedExperiment Create(string name, string yaml, string? user, PlannedExperiment planned, Action<ExperimentFolder>? fill = null)
    {
        var beside = new ExperimentFolder(Path.Combine(Root, $"{Unfinished}{Guid.NewGuid():N}"));
        Directory.CreateDirectory(beside.Path);
        try
        {
            File.WriteAllText(beside.Spec, yaml);
            if (user is not null)
                File.WriteAllText(ServedExperiment.SubmitterFile(beside), user);
            foreach (var plan in planned.Runs)
            {
                Directory.CreateDirectory(beside.Run(plan.Run).Path);
                PlanFile.Write(beside.Run(plan.Run), plan);
            }
            fill?.Invoke(beside);
            Directory.Move(beside.Path, Path.Combine(Root, name));
        }
        catch
        {
            Directory.Delete(beside.Path, recursive: true);
            throw;
        }
        return Add(ServedExperiment.Open(Path.Combine(Root, name))!);
    }

    /// <summary>The same experiment with runs beside those it has, and a report that is written anew.</summary>
    /// <remarks>A run is there once its plan is; the spec comes last. A server that dies between has some of the runs, and the same request adds the rest.</remarks>
    /// <param name="planned">Has the runs that are there too, with plans that take the place of theirs.</param>
    /// <exception cref="IOException">The disk refuses.</exception>
    public ServedExperiment Extend(ServedExperiment experiment, string yaml, PlannedExperiment planned)
    {
        var folder = experiment.Folder;
        File.Delete(folder.Results);
        File.Delete(folder.Report);
        foreach (var plan in planned.Runs)
        {
            Directory.CreateDirectory(folder.Run(plan.Run).Path);
            PlanFile.Write(folder.Run(plan.Run), plan);
        }
        var begun = experiment.Begun;
        File.WriteAllText(folder.Spec + ".tmp", yaml);
        File.SetLastWriteTimeUtc(folder.Spec + ".tmp", begun);
        File.Move(folder.Spec + ".tmp", folder.Spec, overwrite: true);
        var extended = ServedExperiment.Open(folder.Path)!;
        lock (gate)
            known = known.Replace(experiment, extended);
        return extended;
    }

    public void Dispose() => held?.Dispose();

    /// <summary>Of a server that led when it began it, and no more when it was to queue it.</summary>
    private ServedExperiment? TakeUp(string name)
    {
        var path = Path.Combine(Root, name);
        return Names().IsMatch(name) && Directory.Exists(path) && ServedExperiment.Open(path) is { } begun ? Add(begun) : null;
    }

    private ServedExperiment Add(ServedExperiment experiment)
    {
        lock (gate)
        {
            if (known.Find(other => other.Name == experiment.Name) is { } earlier)
                return earlier;
            known = known.Add(experiment);
            return experiment;
        }
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._-]{0,99}\z")]
    private static partial Regex Names();
}
