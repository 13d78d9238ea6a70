using System.Text;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>Weights that the tests and tools/goldens/formula.py make alike, each for itself.</summary>
internal static class GoldenFormula
{
    private const double Tolerance = 1e-11;

    public static Retriever Retriever(RetrieverShape shape, double temperature, double? logitBias = null)
    {
        var plan = new RetrieverPlan(
            Preset.Nano, null, temperature, temperature / 2, new PixelScale(0.5, 0.5), shape, shape.Parameters(), shape.FlopsPerPair(), LogitBias: logitBias);
        var retriever = new Retriever(plan, seed: 0);
        retriever.to(ScalarType.Float64);
        Fill(retriever);
        using var _ = no_grad();
        retriever.LogTemperature.fill_(Math.Log(temperature));
        if (logitBias is { } bias)
            retriever.LogitBias!.fill_(bias);
        return retriever;
    }

    public static void Fill(nn.Module module)
    {
        using var _ = no_grad();
        foreach (var (name, parameter) in module.named_parameters())
        {
            var values = Values(name, (int)parameter.numel());
            if (name.EndsWith("Norm.weight", StringComparison.Ordinal))
                values = [.. values.Select(value => 1 + (value / 2))];
            parameter.copy_(tensor(values).view(parameter.shape));
        }
    }

    /// <summary>Each in [-0.5, 0.5): MurmurHash3's finalizer over the FNV-1a hash of the name and the index.</summary>
    public static double[] Values(string name, int count)
    {
        var hash = Encoding.UTF8.GetBytes(name).Aggregate(0x811C9DC5u, (x, value) => unchecked((x ^ value) * 0x01000193));
        return [.. Enumerable.Range(0, count).Select(index => (Mixed(hash ^ unchecked((uint)index * 0x9E3779B9)) / 4294967296.0) - 0.5)];
    }

    /// <summary>Every parameter has its golden gradient, and there is no other golden one.</summary>
    public static void AssertGradients(IReadOnlyDictionary<string, double[]> expected, FlatParameters parameters)
    {
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), parameters.Parts.Select(pair => pair.Name).Order(StringComparer.Ordinal));
        Assert.All(parameters.Parts, pair => AssertNear(expected[pair.Name], pair.Parameter.grad!, pair.Name));
    }

    public static void AssertNear(double[] expected, Tensor actual, string what)
    {
        Assert.Equal(expected.Length, actual.numel());
        var difference = (actual.reshape(-1) - tensor(expected)).abs().max().item<double>();
        Assert.True(difference < Tolerance, $"{what} differs from its golden value by {difference:0.0e-0}");
    }

    public static void AssertNear(double[][] expected, Tensor actual, string what) => AssertNear([.. expected.SelectMany(row => row)], actual, what);

    private static uint Mixed(uint x)
    {
        unchecked
        {
            x = (x ^ (x >> 16)) * 0x85EBCA6B;
            x = (x ^ (x >> 13)) * 0xC2B2AE35;
            return x ^ (x >> 16);
        }
    }
}
