using System.Collections.Immutable;
using JointFusion.Data;

namespace JointFusion.Benchmarks;

/// <summary>Noise in the shape of a case: no candidate stands twice.</summary>
internal static class SyntheticBatch
{
    /// <returns>One rank's share.</returns>
    public static PairBatch Of(StepCase work, int rank, int world, int seed)
    {
        var rows = work.PairsAWorker * world;
        var layout = new BatchLayout([.. Enumerable.Range(0, rows).Select(row => (ImmutableArray<int>)[row])],
            [.. Enumerable.Range(0, rows).Select(row => (ImmutableArray<int>)[row])], rank, world);
        var noise = new Random((seed * 1009) + rank);
        return new PairBatch
        {
            Step = seed,
            Queries = Items(work, noise),
            Candidates = Items(work, noise),
            Layout = layout,
            LedgerEntry = "",
        };
    }

    private static ItemBatch Items(StepCase work, Random noise)
    {
        const int channels = 3;
        var (count, shape) = (work.PairsAWorker, work.Shape);
        var patchBytes = channels * shape.PatchSize * shape.PatchSize;
        var patches = new byte[count * shape.PatchesPerImage * patchBytes];
        noise.NextBytes(patches);
        return new ItemBatch
        {
            Count = count,
            Tokens = [.. Enumerable.Range(0, count * StepCase.Tokens).Select(_ => noise.Next(StepCase.Vocabulary))],
            TextOffsets = [.. Enumerable.Range(0, count + 1).Select(item => item * StepCase.Tokens)],
            Patches = patches,
            PatchOffsets = [.. Enumerable.Range(0, count + 1).Select(item => item * shape.PatchesPerImage)],
            PatchBytes = patchBytes,
        };
    }
}
