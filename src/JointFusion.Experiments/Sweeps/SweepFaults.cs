namespace JointFusion.Experiments;

/// <summary>Judges a grid: its axes, then every point by the rules of a single run, reported at the grid's value that breaks them.</summary>
internal static class SweepFaults
{
    private const int MostPoints = 1_000;

    public static IEnumerable<SpecFault> Of(ExperimentSpec spec, SpecBinder binder)
    {
        var axes = spec.Sweep!.Grid;
        if (axes.IsEmpty)
            return binder.IsFaulty("sweep.grid") ? [] : [binder.FaultAt("sweep.grid", "sweep.grid", "an empty grid; leave sweep out for a single run")];

        var axisFaults = axes.SelectMany(axis => AxisFaults(axis, spec, binder)).ToList();
        var points = axes.Aggregate(1L, (product, axis) => Math.Min(product * axis.Values.Length, int.MaxValue));
        if (points > MostPoints)
            axisFaults.Add(binder.FaultAt("sweep.grid", "sweep.grid", $"the grid has {points} points; at most {MostPoints} are allowed"));

        return axisFaults.Count > 0 || binder.IsFaulty("sweep") || binder.CouldNotRead("stages")
            ? [.. axisFaults, .. FaultsBesideTheGrid(spec, binder)]
            : PointFaults([.. GridPoint.Of(spec)], binder);
    }

    private static IEnumerable<SpecFault> AxisFaults(SweepAxis axis, ExperimentSpec spec, SpecBinder binder)
    {
        var path = SpecBinder.AxisPath(axis.KeyPath);
        if (binder.CouldNotRead("stages") && axis.KeyPath.StartsWith("stages", StringComparison.Ordinal))
            yield break; // Which stages there are is not known.
        if (SweepableKeys.TypeOf(axis.KeyPath, spec, out var unknown) is not { } type)
        {
            yield return binder.FaultAt(path, path, unknown!);
            yield break;
        }

        for (var i = 0; i < axis.Values.Length; i++)
        {
            ScalarReader.Read(axis.Values[i], type, out var fault);
            if (fault is not null && !binder.IsFaulty($"{path}[{i}]"))
                yield return binder.FaultAt($"{path}[{i}]", path, fault);
        }
    }

    /// <summary>While the axes themselves are wrong, the rules that read no swept key.</summary>
    private static IEnumerable<SpecFault> FaultsBesideTheGrid(ExperimentSpec spec, SpecBinder binder)
    {
        var swept = spec.Sweep!.Grid.Select(axis => axis.KeyPath).ToHashSet();
        return SpecRules.Broken(spec)
            .Where(rule => !rule.Keys.Any(key => swept.Contains(key) || binder.IsFaulty(key)))
            .Select(rule => binder.FaultAt(rule.Keys[0], rule.Keys[0], rule.Message));
    }

    private static IEnumerable<SpecFault> PointFaults(IReadOnlyList<GridPoint> points, SpecBinder binder)
    {
        foreach (var point in points)
            foreach (var rule in SpecRules.Broken(point.Spec).Where(rule => !rule.Keys.Any(binder.IsFaulty)))
                yield return PointFault(point, rule, binder);

        var inert = points.Select(point => InertOption.Of(point.Spec)).Aggregate((everywhere, here) => everywhere.Intersect(here));
        foreach (var option in inert.Where(option => !binder.IsFaulty(option.KeyPath) && !binder.IsFaulty(option.Cause)))
            yield return binder.FaultAt(option.KeyPath, option.KeyPath, $"it has no effect at any point of the grid, with {option.Because}; leave it out");
    }

    private static SpecFault PointFault(GridPoint point, BrokenRule rule, SpecBinder binder)
    {
        var keys = rule.Keys;
        var axis = point.Axes.Select(axis => axis.KeyPath).ToList().FindIndex(keyPath => keys.Contains(keyPath));
        if (axis < 0)
            return binder.FaultAt(keys[0], keys[0], rule.Message);

        var (keyPath, values) = (point.Axes[axis].KeyPath, point.Axes[axis].Values);
        var path = SpecBinder.AxisPath(keyPath);
        var message = keyPath == keys[0] ? rule.Message : $"at {values[point.Choices[axis]]}: {keys[0]}: {rule.Message}";
        return binder.FaultAt($"{path}[{point.Choices[axis]}]", path, message);
    }
}
