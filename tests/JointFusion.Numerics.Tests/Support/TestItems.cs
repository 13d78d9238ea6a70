using JointFusion.Data;
using JointFusion.Experiments;

namespace JointFusion.Numerics.Tests;

/// <summary>Small random items and retrievers, the same each time.</summary>
public static class TestItems
{
    public const int Vocabulary = 50;
    private const int PatchBytes = 192;
    private const int Patches = 16;

    /// <summary>Item i has a text unless i % 3 == 0 and a picture unless i % 3 == 1; texts of 1 to 8 tokens.</summary>
    public static ItemBatch Mixed(int count, int seed) => Of(count, seed, i => (i % 3 != 0, i % 3 != 1));

    public static ItemBatch Of(int count, int seed, Func<int, (bool Text, bool Picture)> parts)
    {
        var random = new Random(seed);
        return Concat([.. Enumerable.Range(0, count).Select(i => One(random, parts(i).Text ? random.Next(1, 9) : 0, parts(i).Picture))]);
    }

    public static ItemBatch One(Random random, int textLength, bool picture)
    {
        var patches = new byte[picture ? Patches * PatchBytes : 0];
        random.NextBytes(patches);
        return new ItemBatch
        {
            Count = 1,
            Tokens = [.. Enumerable.Range(0, textLength).Select(_ => random.Next(Vocabulary))],
            TextOffsets = [0, textLength],
            Patches = patches,
            PatchOffsets = [0, picture ? Patches : 0],
            PatchBytes = PatchBytes,
        };
    }

    public static ItemBatch Concat(IReadOnlyList<ItemBatch> items) => items.Aggregate(ItemBatch.Join);

    public static RetrieverPlan Plan(Fusion fusion) => Plan(new RetrieverSpec { Preset = Preset.Nano, Fusion = fusion });

    public static RetrieverPlan Plan(RetrieverSpec spec)
    {
        var shape = RetrieverShapes.For(spec, imageSize: 32, Vocabulary);
        return new RetrieverPlan(Preset.Nano, null, 0.07, 0.01, new PixelScale(0.5, 0.5), shape, shape.Parameters(), shape.FlopsPerPair());
    }
}
