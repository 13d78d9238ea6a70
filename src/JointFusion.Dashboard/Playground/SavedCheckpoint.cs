using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace JointFusion.Dashboard;

/// <summary>A checkpoint that may be asked.</summary>
/// <param name="Fusion">early, score or feature.</param>
public sealed partial record SavedCheckpoint(string Experiment, string Run, string Fusion, int Step)
{
    /// <summary>Names it in a form: EXPERIMENT/RUN@STEP.</summary>
    public string Key => string.Create(CultureInfo.InvariantCulture, $"{Experiment}/{Run}@{Step}");

    public bool IsEarly => Fusion == "early";

    /// <summary>Of all experiments, the newest first; those of a run by falling step.</summary>
    internal static ImmutableArray<SavedCheckpoint> All(ExperimentShelf shelf) =>
    [
        .. from experiment in shelf.All
           from run in experiment.Runs
           where Directory.Exists(run.Folder.Checkpoints) && File.Exists(run.Folder.Plan)
           let fusion = Marks.Name(ExperimentReader.ReadPlan(run.Folder).Retriever.Shape.Fusion)
           from step in Steps(run.Folder.Checkpoints).OrderDescending()
           select new SavedCheckpoint(experiment.Name, run.Name, fusion, step),
    ];

    private static IEnumerable<int> Steps(string checkpoints) => Directory.GetDirectories(checkpoints)
        .Select(path => StepName().Match(Path.GetFileName(path))).Where(match => match.Success).Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"\Astep-(\d{6,9})\z")]
    private static partial Regex StepName();
}
