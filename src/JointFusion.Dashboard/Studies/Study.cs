using System.Collections.Immutable;
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
    /// <summary>Runs that are planned and have no evaluation yet: what is said here is said without them.</summary>
    [JsonIgnore]
    public int Missing => Kinds.Sum(kind => kind.Planned - kind.Seeds.Length);

    [JsonIgnore]
    public IEnumerable<StudyContrast> HeadlineGroups => Contrasts.Where(contrast => contrast.Condition == Headline && contrast.IsGroup);

    /// <summary>Pure. Null where the runs are no study: see <see cref="StudyRun.Of"/>.</summary>
    /// <exception cref="InvalidDataException">Two runs that should hold the same queries do not.</exception>
    public static Study? From(IReadOnlyList<RunResults> runs, TaskGroups groups)
    {
        var planned = StudyRun.Of(runs);
        ImmutableArray<StudyRun> all = [.. planned.Where(run => run.Run.Evaluated && !run.Run.Outcomes.IsEmpty)];
        return all.IsEmpty ? null : new StudyMaker(planned, all, groups).Make();
    }

    /// <summary>Replaces the experiment's study.json at once.</summary>
    public void Write(ExperimentFolder folder) => AtomicFile.Write(folder.Study, JsonSerializer.Serialize(this, JointFusionJson.File) + "\n");
}

/// <summary>Runs that differ in their seed alone.</summary>
/// <param name="Planned">How many there are to be.</param>
/// <param name="Seeds">Of those that have been evaluated.</param>
/// <param name="LearningRates">Of each stage, at its height.</param>
/// <param name="Hours">That the evaluated ones have trained, all workers added up.</param>
public sealed record StudyKind(
    string Arm, string Course, int Planned, ImmutableArray<int> Seeds, long Parameters, double FlopsPerPair, string Steps, ImmutableArray<double> LearningRates, int Pairs, double Hours, string Processors);
