using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>study.json: what an experiment with several seeds says of the paper's claims.</summary>
/// <param name="K">Recall is any relevant candidate among the first so many.</param>
/// <param name="Margin">Of recall; see task-groups.yaml.</param>
/// <param name="Course">Whose arms the claims are about: of the courses of stages the longest.</param>
/// <param name="Headline">The condition that the claims are about.</param>
/// <param name="NotCompared">Pairs of runs whose conditions differ, and why.</param>
public sealed record Study(
    int Schema,
    string Experiment,
    string Data,
    int K,
    PoolKind Pool,
    double Margin,
    string Course,
    StudyCondition Headline,
    ImmutableArray<StudyKind> Kinds,
    ImmutableArray<StudyClaim> Claims,
    ImmutableArray<StudyContrast> Contrasts,
    ImmutableArray<string> NotCompared)
{
    /// <summary>Of files that this program writes and reads.</summary>
    internal const int CurrentSchema = 1;

    private static readonly JsonSerializerOptions LineAContrast = new(JointFusionJson.File) { Converters = { new OnALine<StudyContrast>(JointFusionJson.Line) } };

    /// <summary>Runs that are planned and have no evaluation yet: what is said here is said without them.</summary>
    [JsonIgnore]
    public int Missing => Kinds.Sum(kind => kind.Planned - kind.Seeds.Length);

    /// <summary>As its data set is called.</summary>
    [JsonIgnore]
    public string DataName => Data.Split('@')[0];

    /// <summary>The headline's first.</summary>
    [JsonIgnore]
    public IEnumerable<StudyCondition> Conditions => Contrasts.Select(contrast => contrast.Condition).Distinct();

    /// <summary>What claims are about first, in their order, then the others.</summary>
    [JsonIgnore]
    public IEnumerable<string> Groups => Claims.SelectMany(claim => claim.Parts).Select(part => part.Contrast.Group).Concat(Contrasts.Select(contrast => contrast.Group)).Distinct();

    [JsonIgnore]
    public IEnumerable<StudyContrast> HeadlineGroups => Contrasts.Where(contrast => contrast.Condition == Headline && contrast.IsGroup);

    /// <summary>Early fusion against each other arm on the claims' course, a group at a time, in the order of <see cref="Groups"/>.</summary>
    public IEnumerable<StudyContrast> ArmGroups(StudyCondition condition) =>
        Groups.SelectMany(group => Contrasts.Where(c => c.Between == "arms" && c.Both == Course && c.Condition == condition && c.IsGroup && c.Group == group));

    /// <summary>As <c>10 seeds</c>, or <c>3 to 4 seeds</c> where runs are missing.</summary>
    internal static string SeedsInWords(IReadOnlyCollection<int> counts) =>
        counts.Count == 0 ? "no seeds" : $"{counts.Min()}{(counts.Max() > counts.Min() ? $" to {counts.Max()}" : "")} seed{(counts.Max() == 1 ? "" : "s")}";

    /// <summary>Pure. Null where the runs are no study: see <see cref="StudyRun.Of"/>.</summary>
    /// <exception cref="InvalidDataException">Two runs that should hold the same queries do not.</exception>
    public static Study? From(IReadOnlyList<RunResults> runs, TaskGroups groups)
    {
        var planned = StudyRun.Of(runs);
        ImmutableArray<StudyRun> all = [.. planned.Where(run => run.Run.Evaluated && !run.Run.Outcomes.IsEmpty)];
        return all.IsEmpty ? null : new StudyMaker(planned, all, groups).Make();
    }

    /// <summary>Replaces the experiment's study.json at once.</summary>
    public void Write(ExperimentFolder folder) => AtomicFile.Write(folder.Study, ToJson());

    /// <summary>Indented, each contrast on a line.</summary>
    internal string ToJson() => JsonSerializer.Serialize(this, LineAContrast) + "\n";
}

/// <summary>Runs that differ in their seed alone.</summary>
/// <param name="Planned">How many there are to be.</param>
/// <param name="Seeds">Of those that have been evaluated.</param>
/// <param name="LearningRates">Of each stage, at its height.</param>
/// <param name="Hours">That the evaluated ones have trained, all workers added up.</param>
public sealed record StudyKind(
    string Arm, string Course, int Planned, ImmutableArray<int> Seeds, long Parameters, double FlopsPerPair, string Steps, ImmutableArray<double> LearningRates, int Pairs, double Hours, string Processors)
{
    /// <summary>One rate, or one a stage where they differ.</summary>
    [JsonIgnore]
    public string RatesInWords => string.Join(" + ", LearningRates.Select(rate => rate.ToString("0.#e-0", CultureInfo.InvariantCulture)).Distinct());
}
