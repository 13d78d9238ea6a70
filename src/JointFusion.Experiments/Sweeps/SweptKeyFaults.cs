using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>What is wrong with the keys that a sweep varies and the values that it gives them, each by itself.</summary>
internal static class SweptKeyFaults
{
    private const string Grid = "sweep.grid", Zip = "sweep.zip", Trials = "sweep.random.trials", Drawn = "sweep.random.keys";

    /// <param name="Path">Where it stands.</param>
    /// <param name="ValuesPath">Where its values do, each at its index.</param>
    /// <param name="Values">That it may take; of a drawn number its bounds.</param>
    public sealed record Key(string KeyPath, string Path, string ValuesPath, ImmutableArray<string> Values, Distribution? Distribution = null)
    {
        /// <summary>Whether it takes none but these values.</summary>
        public bool IsDiscrete => Distribution is null or Experiments.Distribution.Choice;
    }

    public static IEnumerable<Key> Keys(SweepSpec sweep) =>
    [
        .. sweep.Grid.Select(axis => new Key(axis.KeyPath, $"{Grid}.{axis.KeyPath}", $"{Grid}.{axis.KeyPath}", axis.Values)),
        .. sweep.Zip.Select(axis => new Key(axis.KeyPath, $"{Zip}.{axis.KeyPath}", $"{Zip}.{axis.KeyPath}", axis.Values)),
        .. from axis in sweep.Random?.Keys ?? []
           let path = $"{Drawn}.{axis.KeyPath}"
           select new Key(axis.KeyPath, path, $"{path}.{SpecKeys.Name(axis.Distribution.ToString())}", axis.Values, axis.Distribution),
    ];

    public static IEnumerable<SpecFault> Of(ExperimentSpec spec, SpecBinder binder)
    {
        var keys = Keys(spec.Sweep!).ToList();
        return [.. keys.SelectMany(key => Values(key, spec, binder)), .. Twice(keys, binder), .. Lengths(spec.Sweep!.Zip, binder), .. Random(spec.Sweep!.Random, binder)];
    }

    private static IEnumerable<SpecFault> Values(Key key, ExperimentSpec spec, SpecBinder binder)
    {
        if (binder.CouldNotRead("stages") && key.KeyPath.StartsWith("stages", StringComparison.Ordinal))
            return []; // Which stages there are is not known.
        if (SweepableKeys.TypeOf(key.KeyPath, spec, out var unknown) is not { } type)
            return [Fault(binder, key.Path, unknown!)];
        return key.IsDiscrete ? Readable(key, type, binder) : Bounds(key, type, binder);
    }

    private static IEnumerable<SpecFault> Readable(Key key, Type type, SpecBinder binder)
    {
        for (var i = 0; i < key.Values.Length; i++)
        {
            ScalarReader.Read(key.Values[i], type, out var fault);
            if (fault is not null && !binder.IsFaulty($"{key.ValuesPath}[{i}]"))
                yield return binder.FaultAt($"{key.ValuesPath}[{i}]", key.ValuesPath, fault);
        }
    }

    private static IEnumerable<SpecFault> Bounds(Key key, Type type, SpecBinder binder)
    {
        if (type != typeof(int) && type != typeof(double))
            return [Fault(binder, key.ValuesPath, $"only numbers lie between bounds; write {{ choice: [...] }} with values of {key.KeyPath}")];
        if (key.Values.Length != 2)
            return [Fault(binder, key.ValuesPath, $"{key.Values.Length} values where two are expected, the bounds [low, high]")];
        var unreadable = Readable(key, type, binder).ToList();
        if (unreadable.Count > 0 || binder.IsFaulty(key.ValuesPath))
            return unreadable;

        var (low, high) = (RandomDraw.Number(key.Values[0]), RandomDraw.Number(key.Values[1]));
        if (low >= high)
            return [Fault(binder, key.ValuesPath, $"{key.Values[0]} is not below {key.Values[1]}; the lower bound comes first")];
        return key.Distribution == Distribution.LogUniform && low <= 0
            ? [binder.FaultAt($"{key.ValuesPath}[0]", key.ValuesPath, $"{key.Values[0]} is not allowed; a logarithm needs bounds above 0")]
            : [];
    }

    private static IEnumerable<SpecFault> Twice(IEnumerable<Key> keys, SpecBinder binder) =>
        from same in keys.GroupBy(key => key.KeyPath)
        from again in same.Skip(1)
        select Fault(binder, again.Path, $"it is swept by {same.First().Path} already; a key takes its values from one place");

    private static IEnumerable<SpecFault> Lengths(ImmutableArray<SweepAxis> zip, SpecBinder binder) =>
        from axis in zip
        where axis.Values.Length != zip[0].Values.Length
        select Fault(binder, $"{Zip}.{axis.KeyPath}", $"{axis.Values.Length} values, but {zip[0].KeyPath} has {zip[0].Values.Length}; zipped lists are walked together, so they are equally long");

    private static IEnumerable<SpecFault> Random(RandomSpec? random, SpecBinder binder)
    {
        if (random is null)
            yield break;
        if (random.Trials < 1 && !binder.IsFaulty(Trials))
            yield return Fault(binder, Trials, $"{random.Trials} is not allowed; at least 1");
        if (random.Seed < 0)
            yield return Fault(binder, "sweep.random.seed", $"{random.Seed} is not allowed; at least 0");
        if (random.Keys.IsEmpty && !binder.IsFaulty(Drawn))
            yield return Fault(binder, Drawn, "an empty mapping; name what is drawn, such as retriever.temperature: { uniform: [0.03, 0.1] }");
    }

    private static SpecFault Fault(SpecBinder binder, string path, string message) => binder.FaultAt(path, path, message);
}
