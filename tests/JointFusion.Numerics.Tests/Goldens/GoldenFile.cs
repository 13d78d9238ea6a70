using System.Collections.Immutable;
using System.Text.Json;
using JointFusion.Data;
using JointFusion.Experiments;

namespace JointFusion.Numerics.Tests;

/// <summary>Values that an independent implementation exported: see tools/goldens.</summary>
public static class GoldenFile
{
    public static T Read<T>(string name)
    {
        using var stream = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Goldens", name + ".json"));
        return JsonSerializer.Deserialize<T>(stream, JointFusionJson.Line) ?? throw new InvalidDataException($"{name}.json holds nothing.");
    }
}

/// <param name="Candidates">Ids of what the query brings, its positive first.</param>
/// <param name="Positives">Ids of all its positives.</param>
public sealed record GoldenRow(int[] Candidates, int[] Positives)
{
    public static BatchLayout Layout(IReadOnlyList<GoldenRow> rows, int rank = 0, int world = 1) => new(
        [.. rows.Select(row => row.Candidates.ToImmutableArray())], [.. rows.Select(row => row.Positives.ToImmutableArray())], rank, world);
}

/// <param name="Patches">Each of 3 * P * P bytes.</param>
public sealed record GoldenItem(int[] Tokens, int[][] Patches)
{
    public static ItemBatch Batch(IEnumerable<GoldenItem> items, RetrieverShape shape) =>
        items.Select(item => item.Alone(3 * shape.PatchSize * shape.PatchSize)).Aggregate(ItemBatch.Join);

    private ItemBatch Alone(int patchBytes) => new()
    {
        Count = 1,
        Tokens = Tokens,
        TextOffsets = [0, Tokens.Length],
        Patches = [.. Patches.SelectMany(patch => patch).Select(value => (byte)value)],
        PatchOffsets = [0, Patches.Length],
        PatchBytes = patchBytes,
    };
}
