namespace JointFusion.Experiments;

/// <summary>Judges a sweep: its keys, conditions and limits, then every point by the rules of a single run, reported at the value that breaks them.</summary>
internal static class SweepFaults
{
    private const int MostPoints = 1_000;

    public static IEnumerable<SpecFault> Of(ExperimentSpec spec, SpecBinder binder)
    {
        var sweep = spec.Sweep!;
        if (sweep is { Grid.IsEmpty: true, Zip.IsEmpty: true, Random: null })
            return binder.IsFaulty("sweep") ? [] : [binder.FaultAt("sweep.grid", "sweep.grid", "an empty grid, and neither zip nor random; leave sweep out for a single run")];

        List<SpecFault> own = [.. SweptKeyFaults.Of(spec, binder), .. SweepConditionFaults.Of(spec, binder), .. SweepLimitFaults.Of(sweep, binder), .. Size(sweep, binder)];
        return own.Count > 0 || binder.IsFaulty("sweep") || binder.CouldNotRead("stages")
            ? [.. own, .. FaultsBesideTheSweep(spec, binder)]
            : PointFaults([.. SweepPoint.Of(spec)], sweep, binder);
    }

    private static IEnumerable<SpecFault> Size(SweepSpec sweep, SpecBinder binder)
    {
        var points = Math.Min(Math.Max(1L, sweep.Zip.IsEmpty ? 1 : sweep.Zip[0].Values.Length) * Math.Max(1, sweep.Random?.Trials ?? 1), int.MaxValue);
        foreach (var axis in sweep.Grid)
            points = Math.Min(points * Math.Max(1, axis.Values.Length), int.MaxValue);
        if (points > MostPoints)
            yield return binder.FaultAt("sweep.grid", "sweep.grid", $"the grid has {points} points; at most {MostPoints} are allowed, zipped lists and trials included");
    }

    /// <summary>While the sweep itself is wrong, the rules that read no swept key.</summary>
    private static IEnumerable<SpecFault> FaultsBesideTheSweep(ExperimentSpec spec, SpecBinder binder)
    {
        var swept = SweptKeyFaults.Keys(spec.Sweep!).Select(key => key.KeyPath).ToHashSet();
        return SpecRules.Broken(spec)
            .Where(rule => !rule.Keys.Any(key => swept.Contains(key) || binder.IsFaulty(key)))
            .Select(rule => binder.FaultAt(rule.Keys[0], rule.Keys[0], rule.Message));
    }

    private static IEnumerable<SpecFault> PointFaults(IReadOnlyList<SweepPoint> points, SweepSpec sweep, SpecBinder binder)
    {
        foreach (var point in points)
            foreach (var rule in SpecRules.Broken(point.Spec, [.. point.Values.Select(value => value.KeyPath)]).Where(rule => !rule.Keys.Any(binder.IsFaulty)))
                yield return PointFault(point, rule, binder);

        // Whatever the reason is at each: the first point's is named.
        var inert = points.Select(point => InertOption.Of(point.Spec)).Aggregate((everywhere, here) => everywhere.IntersectBy(here.Select(option => option.KeyPath), option => option.KeyPath));
        foreach (var option in inert.Where(option => !binder.IsFaulty(option.KeyPath) && !binder.IsFaulty(option.Cause)))
            yield return binder.FaultAt(option.KeyPath, option.KeyPath, $"it has no effect at any point of the grid, with {option.Because}; leave it out");

        foreach (var condition in sweep.When.Where(condition => points.All(point => point.Dropped.Contains(condition))))
            yield return Fault(binder, $"sweep.when.{condition.KeyPath}", "its condition holds at no point of the sweep; leave the key out of both");

        foreach (var fault in SweepLimitFaults.Rungs(sweep, points, binder))
            yield return fault;
    }

    private static SpecFault PointFault(SweepPoint point, BrokenRule rule, SpecBinder binder)
    {
        if (point.Values.FirstOrDefault(value => rule.Keys.Contains(value.KeyPath)) is not { } value)
            return binder.FaultAt(rule.Keys[0], rule.Keys[0], rule.Message);

        var message = value.KeyPath == rule.Keys[0] ? rule.Message : $"at {value.Text}: {rule.Keys[0]}: {rule.Message}";
        return binder.FaultAt(value.Path, value.Path.EndsWith(']') ? value.Path[..value.Path.LastIndexOf('[')] : value.Path, message);
    }

    private static SpecFault Fault(SpecBinder binder, string path, string message) => binder.FaultAt(path, path, message);
}
