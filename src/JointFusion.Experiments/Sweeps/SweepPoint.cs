using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>One point of a sweep before inert options are dropped from it.</summary>
/// <param name="Trial">From 1; null: nothing is drawn.</param>
/// <param name="Values">Of the keys that apply here: the grid's, the zipped ones, the drawn ones.</param>
/// <param name="Dropped">Of those that do not, since a condition does not hold.</param>
internal sealed record SweepPoint(int? Trial, ImmutableArray<SweptValue> Values, ImmutableArray<SweepCondition> Dropped, ExperimentSpec Spec)
{
    /// <summary>Trial by trial: the cross product of the grid's axes, the last fastest, each with every row of the zipped lists.</summary>
    /// <exception cref="ArgumentException">A key path or value that no spec has; the loader refuses such a spec.</exception>
    public static IEnumerable<SweepPoint> Of(ExperimentSpec spec)
    {
        if (spec.Sweep is not { } sweep)
            return [new(null, [], [], spec)];
        var alone = spec with { Sweep = null };
        var points = new List<SweepPoint>();
        for (var trial = sweep.Random is null ? 0 : 1; trial <= (sweep.Random?.Trials ?? 0); trial++) // Loops: queries over numbers and arrays would be compiled at each start.
            foreach (var gridded in Grid(sweep.Grid))
                foreach (var zipped in Zip(sweep.Zip))
                    points.Add(At(trial == 0 ? null : trial, [.. gridded, .. zipped, .. Drawn(sweep.Random, trial, alone)], sweep.When, alone));
        return points;
    }

    /// <summary>Self-explaining values stand alone, others behind the last part of their key, drawn ones as their trial's number: <c>score-seed8-trial3</c>.</summary>
    /// <param name="inert">Key paths that have no effect at this point.</param>
    /// <param name="isAmbiguous">Whether several swept keys end alike.</param>
    public string Name(IReadOnlyCollection<string> inert, Func<string, bool> isAmbiguous)
    {
        var effective = Values.Where(value => !inert.Contains(value.KeyPath)).ToList();
        var parts = effective.Where(value => !value.IsDrawn).Select(value => Part(value, isAmbiguous));
        var trial = effective.Exists(value => value.IsDrawn) ? $"trial{Trial}" : null;
        var name = string.Join('-', parts.Append(trial).OfType<string>());
        return name.Length > 0 ? name : SpecKeys.Name(Spec.Retriever.Fusion.ToString());
    }

    public static string LastPart(string keyPath) => keyPath[(keyPath.LastIndexOf('.') + 1)..];

    private static string Part(SweptValue value, Func<string, bool> isAmbiguous)
    {
        var text = value.Text.Replace("+", "").ToLowerInvariant();
        if (value.KeyPath == "retriever.fusion")
            return text;
        var key = LastPart(value.KeyPath);
        return (isAmbiguous(key) ? value.KeyPath.Replace("[", "").Replace("]", "") : key) + text;
    }

    private static List<SweptValue[]> Grid(ImmutableArray<SweepAxis> axes)
    {
        List<SweptValue[]> points = [[]];
        foreach (var axis in axes)
        {
            var further = new List<SweptValue[]>();
            foreach (var point in points)
                for (var choice = 0; choice < axis.Values.Length; choice++)
                    further.Add([.. point, Chosen("grid", axis, choice)]);
            points = further;
        }
        return points;
    }

    private static List<SweptValue[]> Zip(ImmutableArray<SweepAxis> axes)
    {
        List<SweptValue[]> rows = axes.IsEmpty ? [[]] : [];
        for (var row = 0; !axes.IsEmpty && row < axes[0].Values.Length; row++)
            rows.Add([.. axes.Select(axis => Chosen("zip", axis, row))]);
        return rows;
    }

    private static SweptValue Chosen(string part, SweepAxis axis, int choice) => new(axis.KeyPath, axis.Values[choice], $"sweep.{part}.{axis.KeyPath}[{choice}]");

    private static IEnumerable<SweptValue> Drawn(RandomSpec? random, int trial, ExperimentSpec spec)
    {
        foreach (var axis in random?.Keys ?? [])
        {
            var type = SweepableKeys.TypeOf(axis.KeyPath, spec, out var fault) ?? throw new ArgumentException($"{axis.KeyPath}: {fault}");
            var (text, choice) = RandomDraw.Of(random!.Seed, trial, axis, type);
            var path = $"sweep.random.keys.{axis.KeyPath}.{SpecKeys.Name(axis.Distribution.ToString())}";
            yield return new(axis.KeyPath, text, choice is null ? path : $"{path}[{choice}]", IsDrawn: true);
        }
    }

    private static SweepPoint At(int? trial, ImmutableArray<SweptValue> all, ImmutableArray<SweepCondition> conditions, ExperimentSpec spec)
    {
        ImmutableArray<SweepCondition> broken = [.. conditions.Where(condition => !SweepConditions.Holds(condition, all, conditions, spec))];
        ImmutableArray<SweptValue> values = [.. all.Where(value => broken.All(condition => condition.KeyPath != value.KeyPath))];
        return new(trial, values, broken, values.Aggregate(spec, With));
    }

    private static ExperimentSpec With(ExperimentSpec spec, SweptValue value)
    {
        var type = SweepableKeys.TypeOf(value.KeyPath, spec, out var fault);
        var read = type is null ? null : ScalarReader.Read(value.Text, type, out fault);
        return fault is null ? (ExperimentSpec)SpecKeys.With(spec, value.KeyPath, read) : throw new ArgumentException($"{value.Path}: {fault}");
    }
}
