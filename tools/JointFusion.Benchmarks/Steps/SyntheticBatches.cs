using System.Collections.Immutable;
using JointFusion.Data;
using JointFusion.Experiments;

namespace JointFusion.Benchmarks;

/// <summary>Noise in the shape of a case, a few batches in turns: no candidate stands twice.</summary>
internal sealed class SyntheticBatches : IBatchSource
{
    private const int Made = 4;

    private readonly RetrieverShape shape;
    private readonly int pairs;
    private readonly PairBatch[] batches;

    public SyntheticBatches(RetrieverShape shape, int pairs, int rank, int world)
    {
        (this.shape, this.pairs) = (shape, pairs);
        batches = [.. Enumerable.Range(0, Made).Select(seed => Make(rank, world, seed))];
    }

    public PairBatch Next(int step) => batches[step % Made];

    public void Dispose()
    {
    }

    private PairBatch Make(int rank, int world, int seed)
    {
        ImmutableArray<ImmutableArray<int>> rows = [.. Enumerable.Range(0, pairs * world).Select(row => (ImmutableArray<int>)[row])];
        var noise = new Random((seed * 1009) + rank);
        return new PairBatch
        {
            Step = seed,
            Queries = Items(noise),
            Candidates = Items(noise),
            Layout = new BatchLayout(rows, rows, rank, world),
            LedgerEntry = "",
        };
    }

    private ItemBatch Items(Random noise)
    {
        const int channels = 3;
        var patchBytes = channels * shape.PatchSize * shape.PatchSize;
        var patches = new byte[pairs * shape.PatchesPerImage * patchBytes];
        noise.NextBytes(patches);
        return new ItemBatch
        {
            Count = pairs,
            Tokens = [.. Enumerable.Range(0, pairs * StepCase.Tokens).Select(_ => noise.Next(SyntheticCase.Vocabulary))],
            TextOffsets = [.. Enumerable.Range(0, pairs + 1).Select(item => item * StepCase.Tokens)],
            Patches = patches,
            PatchOffsets = [.. Enumerable.Range(0, pairs + 1).Select(item => item * shape.PatchesPerImage)],
            PatchBytes = patchBytes,
        };
    }
}
