using JointFusion.Retrieval;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

public sealed class PoolingTests : IDisposable
{
    private readonly IDisposable scope = NewDisposeScope();
    private readonly Tensor states_NSW;
    private readonly Tensor present_NS;

    /// <summary>Three rows of four places, padded left, right and not at all; the state of place s of row n is 10 n + s.</summary>
    public PoolingTests()
    {
        states_NSW = tensor(new float[,] { { 0, 1, 2, 3 }, { 10, 11, 12, 13 }, { 20, 21, 22, 23 } }).unsqueeze(2);
        present_NS = tensor(new long[,] { { 0, 0, 1, 1 }, { 1, 1, 1, 0 }, { 1, 1, 1, 1 } });
    }

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Should_take_the_last_token_When_padding_is_on_either_side() => AssertPooled([3, 12, 23], Pooling.Last_NW(states_NSW, present_NS));

    [Fact]
    public void Should_take_the_last_place_When_nothing_is_padded() => AssertPooled([3, 13, 23], Pooling.Last_NW(states_NSW, null));

    [Fact]
    public void Should_leave_out_padding_When_it_takes_the_mean() => AssertPooled([2.5f, 11, 21.5f], Pooling.Mean_NW(states_NSW, present_NS));

    [Fact]
    public void Should_take_the_first_marked_place_and_place_0_without_any_When_it_looks_for_a_token() =>
        AssertPooled([1, 13, 20], Pooling.FirstWhere_NW(states_NSW, tensor(new bool[,] { { false, true, true, true }, { false, false, false, true }, { false, false, false, false } })));

    private static void AssertPooled(float[] expected, Tensor pooled_NW) => Assert.Equal(expected, pooled_NW.squeeze(1).data<float>().ToArray());
}
