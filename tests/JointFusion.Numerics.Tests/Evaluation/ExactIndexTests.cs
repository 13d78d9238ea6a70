using JointFusion.Retrieval;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

public sealed class ExactIndexTests
{
    [Fact]
    public void Should_ReturnWhatSortingEverythingReturns_When_Searching()
    {
        using var scope = NewDisposeScope();
        var pool = Draws.Noise(1, 200, 8).to(ScalarType.Float32);
        var queries = Draws.Noise(2, 1100, 8).to(ScalarType.Float32); // more than two blocks
        var names = Enumerable.Range(0, 200).Select(row => 1000 + row).ToArray();
        var found = new ExactIndex(pool, names).Search(queries, 7);

        var scores = queries.mm(pool.t());
        foreach (var query in (int[])[0, 511, 512, 1023, 1099])
        {
            var all = scores[query].data<float>().ToArray();
            var expected = Enumerable.Range(0, 200).OrderByDescending(row => all[row]).Take(7).Select(row => names[row]);
            Assert.Equal(expected, found[query]);
        }
    }

    [Fact]
    public void Should_ReturnTheWholePool_When_KIsLarger()
    {
        using var scope = NewDisposeScope();
        var found = new ExactIndex(eye(3), [5, 6, 7]).Search(eye(3), 10);
        Assert.All(found, list => Assert.Equal(3, list.Length));
        Assert.Equal([5, 6, 7], found.Select(list => list[0]));
    }
}
