using System.Collections.Immutable;

namespace JointFusion.Cli;

/// <summary>What <c>jf drill</c> knows.</summary>
internal static class AllDrills
{
    /// <summary>In the order that they are run in.</summary>
    public static ImmutableArray<IDrill> InOrder { get; } =
        [new KillWorker(), new KillAgent(), new KillCoordinator(), new FreezeWorker(), new CutLinks(), new FillDisk(), new CorruptCheckpoint()];

    /// <param name="names">None: all.</param>
    /// <exception cref="BadInputException">Names those that there are.</exception>
    public static ImmutableArray<IDrill> Named(IReadOnlyCollection<string> names)
    {
        if (names.FirstOrDefault(name => InOrder.All(drill => drill.Name != name)) is { } unknown)
            throw new BadInputException($"\"{unknown}\": there is no such drill; there are {string.Join(", ", InOrder.Select(drill => drill.Name))}.");
        return names.Count == 0 ? InOrder : [.. InOrder.Where(drill => names.Contains(drill.Name))];
    }
}
