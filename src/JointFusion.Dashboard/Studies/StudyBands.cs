using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>A training curve over several seeds: at each place the mean, the lowest and the highest of the seeds' moving averages.</summary>
public sealed record StudyBand(string Arm, ImmutableArray<CurvePoint> Mean, ImmutableArray<CurvePoint> Low, ImmutableArray<CurvePoint> High)
{
    private const double Memory = 25;
    private const int Places = 120;

    /// <summary>A band an arm, of the runs on one course of stages. Steps that not all seeds have are left out.</summary>
    internal static ImmutableArray<StudyBand> Of(IEnumerable<StudyRun> runs, string course) =>
        [.. runs.Where(run => run.Course == course && !run.Run.Steps.IsEmpty).GroupBy(run => run.Arm).Select(arm => Of(arm.Key, [.. arm.Select(run => run.Run)])).OfType<StudyBand>()];

    private static StudyBand? Of(string arm, IReadOnlyList<RunResults> runs)
    {
        var steps = runs.Min(run => run.Steps.Length);
        var curves = runs.Select(run => Curves.Smooth([.. run.Steps.Take(steps).Select(step => new CurvePoint(step.Step, step.Loss))], Memory)).ToList();
        if (steps < 2 || curves.Exists(curve => curve.Any(point => !double.IsFinite(point.Y)))) return null;

        var places = Enumerable.Range(0, Math.Min(Places, steps)).Select(place => (int)((long)place * (steps - 1) / Math.Max(1, Math.Min(Places, steps) - 1))).Distinct().ToList();
        return new(arm, At(values => values.Average()), At(values => values.Min()), At(values => values.Max()));

        ImmutableArray<CurvePoint> At(Func<IEnumerable<double>, double> of) => [.. places.Select(place => new CurvePoint(curves[0][place].X, of(curves.Select(curve => curve[place].Y))))];
    }
}
