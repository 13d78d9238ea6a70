using System.Globalization;
using System.Text.RegularExpressions;
using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>The names in a run's checkpoint folder.</summary>
/// <remarks>
///   step-000060                      whole, unless something tore it afterwards
///   .tmp-step-000060-3-9f2c41d7      being written by generation 3, or left behind by it
///   .old-step-000060-3-9f2c41d7      a step-000060 that generation 3 is about to replace
///   .generation-000003               the newest generation that has come to write here
///   .probe-000003, .probe-000003-new generation 3 finds out whether all its ranks see this folder
/// </remarks>
internal static partial class CheckpointNames
{
    public const string Manifest = "manifest.json";
    public const string Weights = "weights.safetensors";
    public const string Optimizer = "optimizer.safetensors";

    public static string Temporary(RunFolder folder, int step, int generation) => Aside(folder, "tmp", step, generation);

    public static string Replaced(RunFolder folder, int step, int generation) => Aside(folder, "old", step, generation);

    public static string Claim(RunFolder folder, int generation) => Path.Combine(folder.Checkpoints, $".generation-{generation:D6}");

    public static string Probe(RunFolder folder, int generation) => Path.Combine(folder.Checkpoints, $".probe-{generation:D6}");

    public static string ProbeInTheMaking(RunFolder folder, int generation) => Probe(folder, generation) + "-new";

    public static IEnumerable<(string Path, int Generation)> Probes(RunFolder folder) =>
        Entries(folder, ProbePattern()).Select(match => (Path.Combine(folder.Checkpoints, match.Value), Number(match, "generation")));

    /// <summary>The steps that have a folder, newest first.</summary>
    public static int[] Steps(RunFolder folder) =>
        [.. Entries(folder, StepPattern()).Select(match => Number(match, "step")).Order().Reverse()];

    /// <summary>That the name of a checkpoint's folder gives; null if it is no such name.</summary>
    public static int? StepOf(string folder) =>
        StepPattern().Match(Path.GetFileName(folder)) is { Success: true } match ? Number(match, "step") : null;

    public static IEnumerable<int> Claims(RunFolder folder) => Entries(folder, ClaimPattern()).Select(match => Number(match, "generation"));

    /// <summary>Folders of unfinished writes and replacements.</summary>
    public static IEnumerable<(string Path, bool IsReplaced, int Step, int Generation)> Leftovers(RunFolder folder) =>
        Entries(folder, AsidePattern()).Select(match => (
            Path.Combine(folder.Checkpoints, match.Value), match.Groups["kind"].Value == "old", Number(match, "step"), Number(match, "generation")));

    private static string Aside(RunFolder folder, string kind, int step, int generation) =>
        Path.Combine(folder.Checkpoints, $".{kind}-step-{step:D6}-{generation}-{Random.Shared.Next():x8}");

    private static Match[] Entries(RunFolder folder, Regex pattern) =>
        !Directory.Exists(folder.Checkpoints) ? [] :
        [.. Directory.EnumerateFileSystemEntries(folder.Checkpoints).Select(path => pattern.Match(Path.GetFileName(path))).Where(match => match.Success)];

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^step-(?<step>\d{6,9})$")]
    private static partial Regex StepPattern();

    [GeneratedRegex(@"^\.(?<kind>tmp|old)-step-(?<step>\d{6,9})-(?<generation>\d{1,9})-[0-9a-f]{8}$")]
    private static partial Regex AsidePattern();

    [GeneratedRegex(@"^\.generation-(?<generation>\d{6,9})$")]
    private static partial Regex ClaimPattern();

    [GeneratedRegex(@"^\.probe-(?<generation>\d{6,9})(-new)?$")]
    private static partial Regex ProbePattern();
}
