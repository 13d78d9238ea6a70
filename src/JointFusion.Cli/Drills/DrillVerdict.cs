using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace JointFusion.Cli;

/// <summary>What a drill has shown.</summary>
/// <param name="Fault">What was done.</param>
/// <param name="Untried">Why it could not be tried here; null: it was.</param>
/// <param name="Attempts">Of the run, the first included.</param>
/// <param name="StepsRepeated">Taken again by a later attempt.</param>
/// <param name="Lost">What is not as in the undisturbed run, and what of the run is not there at all.</param>
/// <param name="TrainingAwaySeconds">From the fault to the next attempt's first step; the longest pause between steps where there was no other attempt.</param>
/// <param name="Back">What else was away; null: nothing.</param>
/// <param name="BackSeconds">For how long.</param>
/// <param name="Late">Which recovery took longer than it may.</param>
internal sealed record DrillVerdict(
    string Drill, string Fault, string? Untried, int Attempts, int StepsRepeated, ImmutableArray<string> Lost, double? TrainingAwaySeconds, string? Back,
    double? BackSeconds, ImmutableArray<string> Late)
{
    public bool Survived => Untried is null && Lost.IsEmpty && Late.IsEmpty;

    [JsonIgnore]
    public bool Failed => Untried is null && !Survived;

    /// <summary>It has not come so far that there is evidence.</summary>
    public static DrillVerdict Broken(string drill, string why) => new(drill, "", null, 0, 0, [why], null, null, null, []);

    public static DrillVerdict NotTried(string drill, string why) => new(drill, "", why, 0, 0, [], null, null, null, []);
}
