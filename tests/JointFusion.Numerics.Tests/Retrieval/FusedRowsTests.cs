using JointFusion.Retrieval;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static JointFusion.Numerics.Tests.Draws;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Numerics.Tests;

/// <summary>Linear layers, norms and MLPs of our own in float32, beside libtorch's in float64: values and the gradients of everything.</summary>
public sealed class FusedRowsTests
{
    private const double Tolerance = 1e-5;

    /// <summary>Around the sizes of tiles, panels and slices: rows, numbers in, numbers out.</summary>
    public static TheoryData<int, int, int> Products
    {
        get
        {
            var data = new TheoryData<int, int, int>();
            foreach (var (inputs, outputs) in ((int, int)[])[(1, 1), (3, 31), (7, 32), (16, 33), (68, 204), (137, 68), (96, 288), (96, 96), (256, 64), (31, 100)])
                foreach (var rows in (int[])[1, 11, 12, 13, 95, 96, 97, 300])
                    data.Add(rows, inputs, outputs);
            data.Add(2050, 33, 40); // two slices
            return data;
        }
    }

    /// <summary>Rows, width, and numbers between the products.</summary>
    public static TheoryData<int, int, int> Mlps => new() { { 1, 16, 16 }, { 13, 16, 48 }, { 97, 96, 192 }, { 300, 48, 80 }, { 2050, 32, 64 }, { 100, 256, 1024 } };

    [Theory, MemberData(nameof(Products))]
    public void Should_EqualLibtorch_When_LayerIsLinear(int rows, int inputs, int outputs)
    {
        using var scope = NewDisposeScope();
        foreach (var (biased, residual) in ((bool, bool)[])[(true, true), (true, false), (false, false)])
        {
            var linear = Drawn(Linear(inputs, outputs, hasBias: biased), seed: 1);
            var (x, added) = (Noise(2, rows, inputs), residual ? Noise(3, rows, outputs) : null);
            Check(
                rows, outputs, [linear], added is null ? [x] : [x, added],
                leaves => RowsLinear.Apply(leaves[0], linear, residual ? leaves[1] : null),
                leaves => residual ? linear.call(leaves[0]) + leaves[1] : linear.call(leaves[0]));
        }
    }

    [Theory, MemberData(nameof(Mlps))]
    public void Should_EqualLibtorch_When_LayerIsNormed(int rows, int width, int outputs)
    {
        using var scope = NewDisposeScope();
        var (norm, linear) = (Drawn(LayerNorm(width), seed: 4), Drawn(Linear(width, outputs), seed: 5));
        Check(
            rows, outputs, [norm, linear], [Noise(6, rows, width) * 3 + 1],
            leaves => NormedLinear.Apply(leaves[0], norm, linear),
            leaves => linear.call(norm.call(leaves[0])));
    }

    [Theory, MemberData(nameof(Mlps))]
    public void Should_EqualLibtorch_When_RowsPassAnMlp(int rows, int width, int inner)
    {
        using var scope = NewDisposeScope();
        var (norm, up, down) = (Drawn(LayerNorm(width), seed: 7), Drawn(Linear(width, inner), seed: 8), Drawn(Linear(inner, width), seed: 9));
        Check(
            rows, width, [norm, up, down], [Noise(10, rows, width) * 3 + 1],
            leaves => FeedForward.Apply(leaves[0], norm, up, down),
            leaves => leaves[0] + down.call(functional.gelu(up.call(norm.call(leaves[0])))));
    }

    /// <summary>Under frozen layers only what they pass on is computed, to the same bits.</summary>
    [Fact]
    public void Should_PassTheSameGradientsOnAndKeepNone_When_LayersAreFrozen()
    {
        using var scope = NewDisposeScope();
        var (norm, up, down) = (Drawn(LayerNorm(32), seed: 17), Drawn(Linear(32, 64), seed: 18), Drawn(Linear(64, 32), seed: 19));
        var (x, given) = (Noise(20, 2050, 32).to(ScalarType.Float32), Noise(21, 2050, 32).to(ScalarType.Float32));
        var (trained, frozen) = (Run(train: true), Run(train: false));
        Assert.Equal(3, frozen.Length);
        Assert.All(trained.Zip(frozen), pair => Assert.True(pair.First.eq(pair.Second).all().item<bool>()));

        Tensor[] Run(bool train)
        {
            Module[] modules = [norm.to(ScalarType.Float32), up.to(ScalarType.Float32), down.to(ScalarType.Float32)];
            Parameter[] linears = [up.weight!, up.bias!, down.weight!, down.bias!];
            foreach (var module in modules)
                module.zero_grad();
            foreach (var parameter in linears)
                parameter.requires_grad = train;
            var leaf = x.clone().requires_grad_();
            var result = RowsLinear.Apply(NormedLinear.Apply(FeedForward.Apply(leaf, norm, up, down), norm, up), down, leaf);
            autograd.backward([result], [given]);
            Assert.All(linears, parameter => Assert.Equal(train, parameter.grad is not null));
            return [leaf.grad!, .. norm.parameters().Select(parameter => parameter.grad!.clone())];
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Should_SpoilOneRowAndTheWeightsOnly_When_ItHoldsNoNumber(float poison)
    {
        using var scope = NewDisposeScope();
        var (norm, up, down) = (LayerNorm(32), Linear(32, 64), Linear(64, 32));
        var x = Noise(12, 100, 32).to(ScalarType.Float32);
        x[98, 5] = poison; // beyond the last whole tile
        x.requires_grad_();
        var result = FeedForward.Apply(RowsLinear.Apply(x, Drawn(Linear(32, 32), seed: 13)), norm, up, down);
        autograd.backward([result], [ones_like(result)]);
        Assert.All((Tensor[])[result, x.grad!], rows =>
        {
            Assert.True(rows[98].isnan().any().item<bool>(), "a run that diverges must see it");
            Assert.True(rows[..98].isfinite().all().item<bool>() && rows[99].isfinite().all().item<bool>());
        });
        Assert.All((Tensor[])[norm.weight!.grad!, up.weight!.grad!, down.weight!.grad!], gradient => Assert.True(gradient.isnan().any().item<bool>()));
    }

    [Fact]
    public void Should_GiveOneRowTheSameNumbers_When_OthersStandBesideIt()
    {
        using var scope = NewDisposeScope();
        var (norm, up, down) = (LayerNorm(32), Linear(32, 64), Linear(64, 32));
        var x = Noise(16, 2050, 32).to(ScalarType.Float32);
        var all = FeedForward.Apply(x, norm, up, down);
        foreach (var row in (int[])[0, 11, 95, 1030, 2049])
            Assert.True(FeedForward.Apply(x.narrow(0, row, 1), norm, up, down).eq(all.narrow(0, row, 1)).all().item<bool>());
    }

    /// <summary>The differences, relative to the largest number, of values and of all gradients.</summary>
    private static void Check(int rows, int outputs, Module[] modules, Tensor[] inputs, Func<Tensor[], Tensor> ours, Func<Tensor[], Tensor> theirs)
    {
        var given = Noise(11, rows, outputs);
        var (expected, expectedGradients) = Run(ScalarType.Float64, theirs);
        var (actual, gradients) = Run(ScalarType.Float32, ours);
        Assert.InRange(Distance(actual, expected), 0, Tolerance);
        for (var i = 0; i < gradients.Length; i++)
            Assert.True(Distance(gradients[i], expectedGradients[i]) < Tolerance, $"gradient {i} differs by {Distance(gradients[i], expectedGradients[i])}");

        (Tensor, Tensor[]) Run(ScalarType type, Func<Tensor[], Tensor> layer)
        {
            foreach (var module in modules)
            {
                module.to(type);
                module.zero_grad();
            }
            Tensor[] leaves = [.. inputs.Select(input => input.to(type, copy: true).requires_grad_())];
            var result = layer(leaves);
            autograd.backward([result], [given.to(type)]);
            return (result, [.. leaves.Concat(modules.SelectMany(module => module.parameters())).Select(leaf => leaf.grad!.clone())]);
        }
    }

    private static T Drawn<T>(T module, int seed) where T : Module
    {
        using var _ = no_grad();
        foreach (var (parameter, i) in module.parameters().Select((parameter, i) => (parameter, i)))
            parameter.copy_(Noise((10 * seed) + i, 1, parameter.numel()).view(parameter.shape) / Math.Sqrt(parameter.shape[^1]));
        return module;
    }

    private static double Distance(Tensor left, Tensor right) =>
        (left.to(ScalarType.Float64) - right.to(ScalarType.Float64)).abs().max().item<double>() / Math.Max(1, right.abs().to(ScalarType.Float64).max().item<double>());
}
