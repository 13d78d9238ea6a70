using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>Sets early fusion against each other arm on each course of stages, and the longest course against each other for each arm.</summary>
/// <param name="runs">The evaluated ones.</param>
internal sealed class StudyMaker(ImmutableArray<StudyRun> planned, ImmutableArray<StudyRun> runs, TaskGroups groups)
{
    private readonly List<string> notCompared = [];

    private string Course { get; } = runs.Select(run => run.Course).Distinct().OrderByDescending(course => course.Count(letter => letter == '+')).First();

    public Study Make()
    {
        var rows = runs.SelectMany(run => run.Run.Rows).ToList();
        var pool = rows.Min(row => row.Pool);
        var k = Headline.K(rows.Where(row => Operations.IsComposed(row.Task)).Select(row => row.K).Distinct());
        var conditions = Conditions([.. rows.Select(row => row.Split).Distinct()]);
        var contrasts = new StudyContrasts(new StudyRows(runs, groups, pool, k), conditions);
        ImmutableArray<StudyContrast> made = [.. Arms(contrasts), .. Courses(contrasts)];
        return new Study(
            Study.CurrentSchema, runs[0].Run.Plan.Experiment, rows[0].Data, k, pool, groups.Margin, Course, conditions[0],
            [.. planned.GroupBy(run => (run.Arm, run.Course)).Select(Kind)],
            StudyClaims.Of([.. made.Where(contrast => contrast.Condition == conditions[0] && contrast.IsGroup)], groups, Course),
            made,
            [.. notCompared.Distinct()]);
    }

    /// <summary>The headline's first: unseen combinations where there are any, the query's own picture left out.</summary>
    private static ImmutableArray<StudyCondition> Conditions(IReadOnlyCollection<string> splits)
    {
        var first = Headline.Split(splits);
        return
        [
            new(first, OwnImageInPool: false, "all"),
            .. splits.Where(split => split != first).Order(StringComparer.Ordinal).Select(split => new StudyCondition(split, OwnImageInPool: false, "all")),
            new(first, OwnImageInPool: true, "all"),
            new(first, OwnImageInPool: false, "seen"),
            new(first, OwnImageInPool: false, "unseen"),
        ];
    }

    private IEnumerable<StudyContrast> Arms(StudyContrasts contrasts) =>
        from course in runs.Select(run => run.Course).Distinct().OrderBy(course => course != Course).ToList()
        from late in runs.Where(run => run.Run.Fusion != Fusion.Early).Select(run => run.Arm).Distinct().ToList()
        from early in runs.Where(run => run.Run.Fusion == Fusion.Early).Select(run => run.Arm).Distinct().ToList()
        let pairs = Pairs(Of(early, course), Of(late, course), (one, other) => RunConditions.Differences(StudyRun.WithoutRates(one), StudyRun.WithoutRates(other)))
        where pairs.Count > 0
        from contrast in contrasts.Between("arms", early, late, course, pairs)
        select contrast;

    private IEnumerable<StudyContrast> Courses(StudyContrasts contrasts) =>
        from arm in runs.Select(run => run.Arm).Distinct().ToList()
        from other in runs.Select(run => run.Course).Distinct().Where(course => course != Course).ToList()
        let pairs = Pairs(Of(arm, Course), Of(arm, other), (_, _) => [])
        where pairs.Count > 0
        from contrast in contrasts.Between("courses", Course, other, arm, pairs)
        where contrast.IsGroup
        select contrast;

    private Dictionary<int, StudyRun> Of(string arm, string course) => runs.Where(run => run.Arm == arm && run.Course == course).ToDictionary(run => run.Seed);

    /// <summary>One a seed that both have, ascending.</summary>
    private List<(StudyRun Left, StudyRun Right)> Pairs(
        Dictionary<int, StudyRun> left, Dictionary<int, StudyRun> right, Func<RunResults, RunResults, IReadOnlyList<string>> differences)
    {
        var pairs = new List<(StudyRun, StudyRun)>();
        foreach (var seed in left.Keys.Intersect(right.Keys).Order())
        {
            var found = differences(left[seed].Run, right[seed].Run);
            if (found.Count == 0)
                pairs.Add((left[seed], right[seed]));
            else
                notCompared.Add($"{left[seed].Run.Name} with {right[seed].Run.Name}: {string.Join("; ", found)}");
        }

        return pairs;
    }

    private static StudyKind Kind(IGrouping<(string Arm, string Course), StudyRun> kind)
    {
        var plan = kind.First().Run.Plan;
        var done = kind.Where(run => run.Run.Evaluated).ToList();
        return new StudyKind(
            kind.Key.Arm, kind.Key.Course, kind.Count(), [.. done.Select(run => run.Seed).Order()], plan.Retriever.Parameters, plan.Retriever.FlopsPerPair,
            string.Join(" + ", plan.Stages.Select(stage => stage.Spec.Steps)),
            [.. plan.Stages.Select(stage => stage.Spec.LearningRate)],
            plan.Stages.Sum(stage => stage.Spec.Steps * stage.Spec.GlobalBatch),
            done.Sum(run => run.Run.Steps.Sum(step => step.Seconds.Total) * run.Run.Plan.Resources.Workers) / 3600,
            string.Join(", ", done.SelectMany(run => run.Run.Provenance).Select(attempt => attempt.Processor).Distinct()));
    }
}
