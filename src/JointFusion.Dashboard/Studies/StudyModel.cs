using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>All that a study's page shows, gathered before a line of it is written.</summary>
public sealed record StudyModel(
    Study Study,
    TaskGroups Groups,
    ImmutableArray<RunResults> Runs,
    ImmutableArray<StudyBand> Bands,
    ImmutableArray<RetrievalExample> Examples,
    DateTimeOffset WrittenAt)
{
    /// <summary>As in the headline, then the others.</summary>
    public ImmutableArray<StudyCondition> Conditions { get; } = [.. Study.Contrasts.Select(contrast => contrast.Condition).Distinct()];

    public ImmutableArray<string> Courses { get; } = [.. Study.Kinds.Select(kind => kind.Course).Distinct().OrderBy(course => course != Study.Course)];

    public static StudyModel Of(Study study, IReadOnlyList<RunResults> runs, TaskGroups groups, IItemCatalog catalog, DateTimeOffset now)
    {
        ImmutableArray<StudyRun> evaluated = [.. StudyRun.Of(runs).Where(run => run.Run.Evaluated)];
        return new(study, groups, [.. runs], StudyBand.Of(evaluated, study.Course), StudyExamples.Of(study, evaluated, groups, catalog), now);
    }
}
