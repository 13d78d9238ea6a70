using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>Turns a spec with a sweep into one named run a point.</summary>
public static class SweepExpander
{
    /// <summary>Of which a note says the same; more are counted.</summary>
    private const int NamedRuns = 3;

    /// <summary>
    /// Without a sweep: one run, named after its fusion. An option without effect at a point is dropped there, and so is one whose condition
    /// does not hold, and a stage of 0 steps; points that are then equal become one run, and those beyond the limit none. All this is told in the notes.
    /// </summary>
    /// <exception cref="ArgumentException">The sweep names a key or a value that no spec has; <see cref="SpecLoader"/> refuses such a spec.</exception>
    public static SweepExpansion Expand(ExperimentSpec spec)
    {
        if (spec.Sweep is not { } sweep)
            return new([new NamedRun(SpecKeys.Name(spec.Retriever.Fusion.ToString()), spec)], []);

        var (runs, notes) = Distinct(spec);
        if (!(runs.Length > sweep.Limits?.Runs))
            return new(runs, notes);
        var kept = sweep.Limits.Runs.Value;
        return new(runs[..kept], notes.Add($"{runs.Length - kept} of {runs.Length} runs are left out, from {runs[kept].Name} on; sweep.limits.runs is {kept}."));
    }

    private static SweepExpansion Distinct(ExperimentSpec spec)
    {
        var bySpec = new Dictionary<string, NamedRun>();
        var names = new HashSet<string>();
        var order = ImmutableArray.CreateBuilder<NamedRun>();
        var notes = new List<(string Run, string Text)>();
        var isAmbiguous = Ambiguous(spec.Sweep!);
        foreach (var point in SweepPoint.Of(spec))
        {
            var inert = InertOption.Of(point.Spec).ToList();
            var effective = WithoutEmptyStages(inert.Aggregate(point.Spec, (run, option) => (ExperimentSpec)SpecKeys.With(run, option.KeyPath, null)));
            var name = point.Name([.. inert.Select(option => option.KeyPath)], isAmbiguous);

            notes.AddRange(point.Dropped.Select(condition => (name, $"{condition.KeyPath} is dropped; it applies only with {SweepConditions.Describe(condition)}.")));
            notes.AddRange(inert.Select(option => (name, $"{option.KeyPath} is dropped; it has no effect with {option.Because}.")));
            var key = CanonicalJson.Of(effective);
            if (bySpec.TryGetValue(key, out var twin))
            {
                if (inert.Count == 0 && point.Dropped.IsEmpty)
                    notes.Add((name, $"left out; it equals {twin.Name}."));
                continue;
            }

            var run = new NamedRun(Free(name, names), effective) { Swept = [.. point.Values.Where(value => inert.TrueForAll(option => option.KeyPath != value.KeyPath))] };
            bySpec.Add(key, run);
            order.Add(run);
        }

        return new(order.DrainToImmutable(), [.. notes.Distinct().GroupBy(note => note.Text, note => note.Run).Select(alike => $"{Names([.. alike])}: {alike.Key}")]);
    }

    private static string Names(IReadOnlyList<string> runs) => runs.Count > NamedRuns ? $"{runs[0]} and {runs.Count - 1} more runs" : string.Join(", ", runs);

    private static ExperimentSpec WithoutEmptyStages(ExperimentSpec spec) => spec with { Stages = spec.Stages.RemoveAll(stage => stage.Steps == 0) };

    /// <summary>What is dropped may leave two points one name: the later one is numbered.</summary>
    private static string Free(string name, HashSet<string> taken)
    {
        var free = name;
        for (var number = 2; !taken.Add(free); number++)
            free = $"{name}-{number}";
        return free;
    }

    private static Func<string, bool> Ambiguous(SweepSpec sweep)
    {
        var ends = sweep.Grid.Concat(sweep.Zip).Select(axis => SweepPoint.LastPart(axis.KeyPath)).ToLookup(end => end);
        return end => ends[end].Skip(1).Any();
    }
}
