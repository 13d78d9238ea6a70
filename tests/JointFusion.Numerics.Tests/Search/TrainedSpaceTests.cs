using JointFusion.Data;
using JointFusion.Retrieval;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

public sealed class TrainedSpaceTests(CardRun run) : IClassFixture<CardRun>
{
    /// <summary>More than one item has, and fewer: each is then encoded alone.</summary>
    [Theory, InlineData(60), InlineData(1)]
    public void Should_EmbedTheSame_When_FewPositionsAreEncodedAtOnce(int positionsAtOnce)
    {
        using var scope = NewDisposeScope();
        using var saved = run.Open();
        ItemRef[] items = [.. run.Data.Candidates.Select(ItemRef.Of)];
        var expected = new TrainedSpace(saved.Retriever, saved.Loader(run.Data), saved.Plan.Shape.EmbeddingWidth).Embed(items);
        var actual = new TrainedSpace(saved.Retriever, saved.Loader(run.Data), saved.Plan.Shape.EmbeddingWidth, positionsAtOnce).Embed(items);
        Assert.Equal([items.Length, saved.Plan.Shape.EmbeddingWidth], actual.shape);
        Assert.InRange((actual - expected).abs().max().item<float>(), 0, 1e-6);
        Assert.True((expected - expected[0]).abs().max().item<float>() > 1e-2f);
    }
}
