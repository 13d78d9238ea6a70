using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>Turns a spec with a grid into one named run a point.</summary>
public static class SweepExpander
{
    /// <summary>
    /// Without a sweep: one run, named after its fusion. An option without effect at a point is dropped there; points that are then equal
    /// become one run. Both are told in the notes.
    /// </summary>
    /// <exception cref="ArgumentException">The grid names a key or a value that no spec has; <see cref="SpecLoader"/> refuses such a spec.</exception>
    public static SweepExpansion Expand(ExperimentSpec spec)
    {
        if (spec.Sweep is null)
            return new([new NamedRun(SpecKeys.Name(spec.Retriever.Fusion.ToString()), spec)], []);

        var runs = new Dictionary<string, NamedRun>();
        var order = ImmutableArray.CreateBuilder<NamedRun>();
        var notes = new List<string>();
        foreach (var point in GridPoint.Of(spec))
        {
            var inert = InertOption.Of(point.Spec).ToList();
            var effective = inert.Aggregate(point.Spec, (run, option) => (ExperimentSpec)SpecKeys.With(run, option.KeyPath, null));
            var run = new NamedRun(point.Name([.. inert.Select(option => option.KeyPath)]), effective);

            notes.AddRange(inert.Select(option => $"{run.Name}: {option.KeyPath} is dropped; it has no effect with {option.Because}."));
            if (runs.TryAdd(CanonicalJson.Of(effective), run))
                order.Add(run);
            else if (inert.Count == 0)
                notes.Add($"{run.Name}: left out; it equals {runs[CanonicalJson.Of(effective)].Name}.");
        }

        return new(order.DrainToImmutable(), [.. notes.Distinct()]);
    }
}
