using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>Makes the contrasts of a study: each group of tasks, and for the headline's conditions each row.</summary>
internal sealed class StudyContrasts(StudyRows rows, ImmutableArray<StudyCondition> conditions)
{
    public IEnumerable<StudyContrast> Between(string between, string left, string right, string both, IReadOnlyList<(StudyRun Left, StudyRun Right)> pairs)
    {
        foreach (var (condition, i) in conditions.Select((condition, i) => (condition, i)))
        {
            var made = rows.All.Select(row => rows.Pair(row, condition, pairs)).OfType<StudyPair>().ToList();
            var head = i == 0;
            foreach (var contrast in Corrected(made.GroupBy(pair => pair.Row.Group).Select(group => Make([.. group], group.Key.Name, isRow: false))))
                yield return contrast;
            if (condition.OwnImageInPool || condition.Targets != "all") continue;
            foreach (var contrast in Corrected(made.Select(pair => Make([pair], pair.Row.Group.Name, isRow: true))))
                yield return contrast;

            StudyContrast Make(IReadOnlyList<StudyPair> of, string group, bool isRow) =>
                Contrast(of, head && !isRow) with
                {
                    Between = between,
                    Left = left,
                    Right = right,
                    Both = both,
                    Condition = condition,
                    Group = group,
                    Task = isRow ? of[0].Row.Task : null,
                    Operation = isRow ? of[0].Row.Operation : null,
                };
        }
    }

    private static IEnumerable<StudyContrast> Corrected(IEnumerable<StudyContrast> contrasts)
    {
        var all = contrasts.ToList();
        return all.Zip(Holm.Adjust([.. all.Select(contrast => contrast.P)]), (contrast, p) => contrast with { PHolm = p });
    }

    private static StudyContrast Contrast(IReadOnlyList<StudyPair> pairs, bool bootstrap)
    {
        ImmutableArray<PairedRow> differences = [.. pairs.Select(pair => pair.Differences)];
        var estimate = TwoWayEstimate.Of(differences);
        var (interval, narrow) = (estimate.Interval, estimate.At(0.9));
        ConfidenceInterval? drawn = bootstrap ? TwoLevelBootstrap.Of(differences) : null;
        var (left, right) = (pairs.Average(pair => pair.Left), pairs.Average(pair => pair.Right));
        return new StudyContrast
        {
            Between = "",
            Left = "",
            Right = "",
            Both = "",
            Condition = new("", false, ""),
            Group = "",
            LeftValue = left,
            RightValue = right,
            Difference = estimate.Value,
            Low = interval.Low,
            High = interval.High,
            Low90 = narrow.Low,
            High90 = narrow.High,
            BootstrapLow = drawn?.Low,
            BootstrapHigh = drawn?.High,
            Effect = StudyContrast.EffectOf(left, right),
            EffectLow = StudyContrast.EffectOf(right + interval.Low, right),
            EffectHigh = StudyContrast.EffectOf(right + interval.High, right),
            P = estimate.PValue,
            Seeds = estimate.Seeds,
            Concepts = estimate.Concepts,
            Queries = estimate.Queries,
        };
    }
}
