using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>One point of a grid before anything is dropped from it.</summary>
/// <param name="Choices">Of each axis, the index of its value.</param>
internal sealed record GridPoint(ImmutableArray<SweepAxis> Axes, ImmutableArray<int> Choices, ExperimentSpec Spec)
{
    /// <summary>The cross product of the axes, the last fastest.</summary>
    /// <exception cref="ArgumentException">A key path or value that no spec has; the loader refuses such a spec.</exception>
    public static IEnumerable<GridPoint> Of(ExperimentSpec spec)
    {
        var axes = spec.Sweep?.Grid ?? [];
        IEnumerable<GridPoint> points = [new(axes, [], spec with { Sweep = null })];
        foreach (var axis in axes)
            points = points.SelectMany(_ => axis.Values.Select((_, i) => i), (point, choice) => point.With(axis, choice));
        return points;
    }

    /// <summary>Self-explaining values stand alone, others behind the last part of their key: <c>score-seed8</c>.</summary>
    /// <param name="dropped">Key paths that have no effect at this point.</param>
    public string Name(IReadOnlyCollection<string> dropped)
    {
        var parts = Axes.Zip(Choices)
            .Where(pair => !dropped.Contains(pair.First.KeyPath))
            .Select(pair => Part(pair.First.KeyPath, pair.First.Values[pair.Second]));
        return string.Join('-', parts);
    }

    private static string Part(string keyPath, string value)
    {
        var text = value.Replace("+", "").ToLowerInvariant();
        return keyPath == "retriever.fusion" ? text : keyPath[(keyPath.LastIndexOf('.') + 1)..] + text;
    }

    private GridPoint With(SweepAxis axis, int choice)
    {
        var type = SweepableKeys.TypeOf(axis.KeyPath, Spec, out var fault);
        var value = type is null ? null : ScalarReader.Read(axis.Values[choice], type, out fault);
        if (fault is not null)
            throw new ArgumentException($"{SpecBinder.AxisPath(axis.KeyPath)}: {fault}");

        return this with { Choices = Choices.Add(choice), Spec = (ExperimentSpec)SpecKeys.With(Spec, axis.KeyPath, value) };
    }
}
