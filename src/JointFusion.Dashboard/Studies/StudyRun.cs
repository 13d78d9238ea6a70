using System.Collections.Immutable;
using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>An evaluated run of a study: one seed of one retriever on one course of stages.</summary>
/// <param name="Arm">What is trained, such as <c>early</c>.</param>
/// <param name="Course">How: the names of its stages, such as <c>adaptation+instruction</c>.</param>
internal sealed record StudyRun(string Arm, string Course, RunResults Run)
{
    private readonly Lazy<OutcomeIndex> outcomes = new(() => new OutcomeIndex(Run.Outcomes));

    public int Seed => Run.Plan.Seed;

    public OutcomeIndex Outcomes => outcomes.Value;

    /// <summary>Arms and courses are told apart by all that their plans say of retriever and stages, and named by what differs.</summary>
    /// <remarks>Each arm may have learning rates of its own, which were tuned for it; they tell courses apart only where an arm has one course at several.</remarks>
    /// <returns>Early fusion's first, of an arm those with most stages. Empty where the runs are no study: one seed alone, or two runs of one seed, arm and course.</returns>
    public static ImmutableArray<StudyRun> Of(IReadOnlyList<RunResults> runs)
    {
        var tuned = ToldBy(runs, WithoutRates);
        return tuned.IsEmpty ? ToldBy(runs, run => run) : tuned;
    }

    /// <summary>For comparisons of arms that may differ in their rates.</summary>
    public static RunResults WithoutRates(RunResults run) =>
        run with { Plan = run.Plan with { Stages = [.. run.Plan.Stages.Select(stage => stage with { Spec = stage.Spec with { LearningRate = 0 } })] } };

    private static ImmutableArray<StudyRun> ToldBy(IReadOnlyList<RunResults> runs, Func<RunResults, RunResults> told)
    {
        var arms = Names(runs, run => Json(run.Plan.Retriever), run => [Marks.Name(run.Fusion), run.MatchedBy]);
        var courses = Names(runs, run => Json(told(run).Plan.Stages.Select(stage => stage.Spec)), run => [string.Join('+', run.Plan.Stages.Select(stage => stage.Spec.Name)), Steps(run)]);
        ImmutableArray<StudyRun> all =
        [
            .. runs.Select((run, i) => new StudyRun(arms[i], courses[i], run))
                .OrderBy(run => run.Run.Fusion).ThenBy(run => run.Run.Plan.Retriever.Matching).ThenByDescending(run => run.Run.Plan.Stages.Length),
        ];
        var isUnique = all.DistinctBy(run => (run.Arm, run.Course, run.Seed, run.Run.Plan.Data.ManifestHash)).Count() == all.Length;
        var isOneSet = all.Select(run => run.Run.Plan.Data.ManifestHash).Distinct().Take(2).Count() == 1;
        return isUnique && isOneSet && all.Select(run => run.Seed).Distinct().Skip(1).Any() ? all : [];
    }

    /// <summary>The first part names a kind where that tells it from all others; else the next part joins it; at last its number does.</summary>
    private static string[] Names(IReadOnlyList<RunResults> runs, Func<RunResults, string> identity, Func<RunResults, string[]> parts)
    {
        var kinds = runs.Select(run => (Identity: identity(run), Parts: parts(run))).DistinctBy(kind => kind.Identity).ToList();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var alike in kinds.GroupBy(kind => kind.Parts[0]))
        {
            foreach (var (kind, number) in alike.Select((kind, number) => (kind, number)))
            {
                var longer = string.Join('-', kind.Parts.Where(part => part.Length > 0));
                names[kind.Identity] = !alike.Skip(1).Any() ? kind.Parts[0]
                    : alike.Count(other => other.Parts[1] == kind.Parts[1]) == 1 ? longer
                    : $"{longer}-{number + 1}";
            }
        }

        return [.. runs.Select(run => names[identity(run)])];
    }

    private static string Steps(RunResults run) => string.Join('+', run.Plan.Stages.Select(stage => stage.Spec.Steps));

    private static string Json<T>(T value) => JsonSerializer.Serialize(value, JointFusionJson.Line);
}
