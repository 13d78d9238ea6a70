using JointFusion.Retrieval;
using TorchSharp;
using Xunit;
using static JointFusion.Numerics.Tests.Draws;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Numerics.Tests;

/// <summary>Sums of our own have the same bits whatever number of threads shares the work.</summary>
[Collection(Undisturbed.Name)]
public sealed class ThreadCountTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly int before = get_num_threads();

    public void Dispose()
    {
        set_num_threads(before);
        scope.Dispose();
    }

    [Fact]
    public void Should_NotDependOnIt_When_ThreadsShareSequences()
    {
        var lengths = AttentionTests.Lengths[..^1];
        var (qkv, given) = (Noise(5, lengths.Sum(), 3 * 96).to(ScalarType.Float32), Noise(6, lengths.Sum(), 96).to(ScalarType.Float32));

        AssertSameBits(2, () =>
        {
            var (mixed, gradient) = AttentionTests.Ours(qkv, given, lengths, heads: 4);
            return [mixed, gradient];
        });
    }

    [Fact]
    public void Should_NotDependOnIt_When_ThreadsShareRows()
    {
        var (norm, up, down) = (LayerNorm(32), Linear(32, 64), Linear(64, 32));
        var (x, given) = (Noise(14, 5000, 32).to(ScalarType.Float32), Noise(15, 5000, 32).to(ScalarType.Float32));

        AssertSameBits(8, () =>
        {
            Module[] modules = [norm, up, down];
            foreach (var module in modules)
                module.zero_grad();
            var leaf = x.clone().requires_grad_();
            var result = RowsLinear.Apply(NormedLinear.Apply(FeedForward.Apply(leaf, norm, up, down), norm, up), down, leaf);
            autograd.backward([result], [given]);
            // Behind the first two: scale and shift of the norm, weights and bias of two linear layers.
            return [result, leaf.grad!, .. modules.SelectMany(module => module.parameters()).Select(parameter => parameter.grad!.clone())];
        });
    }

    private static void AssertSameBits(int tensors, Func<Tensor[]> compute)
    {
        set_num_threads(1);
        var one = compute();
        set_num_threads(2);
        var two = compute();
        Assert.Equal((tensors, tensors), (one.Length, two.Length));
        Assert.All(one.Zip(two), pair => Assert.True(pair.First.eq(pair.Second).all().item<bool>()));
    }
}
