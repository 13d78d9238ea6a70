using JointFusion.Retrieval;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>Every tensor of every golden set within its stated tolerance: hidden states by layer, pooled features, logits, losses, positions, left and right padding, pictures with text and text alone.</summary>
public sealed class BackboneGoldenTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    /// <summary>By set, its cases, its tensors and the numbers in them that count: a set that is absent, or has lost something, fails.</summary>
    public static TheoryData<string, int, int, long> Sets => new()
    {
        { "clip", 4, 24, 14_795 },
        { "clip_eos", 4, 23, 11_931 },
        { "gemma", 3, 15, 15_120 },
        { "paligemma", 6, 23, 32_254 },
        { "qwen2", 3, 15, 14_720 },
        { "qwen2_vl", 6, 30, 17_796 },
        { "siglip", 4, 24, 13_907 },
    };

    public void Dispose() => folder.Dispose();

    [Theory, MemberData(nameof(Sets))]
    public void Should_equal_the_reference_When_it_runs_a_golden_set(string set, int cases, int tensors, long numbers)
    {
        var report = GoldenSet.Check(GoldenFolder.Of(set), CPU);
        output.WriteLine($"{set}: {report.TensorsHeld} of {report.Tensors} tensors in {report.Cases.Length} cases, {report.Elements:N0} numbers");
        Assert.DoesNotContain(report.Cases, @case => @case.Fault is not null);
        Assert.DoesNotContain(report.Cases.SelectMany(@case => @case.Tensors), tensor => !tensor.Holds);
        Assert.True(report.Holds);
        Assert.Equal((cases, tensors, numbers), (report.Cases.Length, report.Tensors, report.Elements));
    }

    [Fact]
    public void Should_know_every_set_When_sets_are_added() =>
        Assert.Equal(
            Sets.Select(row => row.Data.Item1).Order(StringComparer.Ordinal), Directory.GetDirectories(GoldenFolder.Root).Select(Path.GetFileName).Order(StringComparer.Ordinal));

    /// <summary>Every tensor matters to some output; but a bias of a key where nothing is rotated adds the same to all scores of a query.</summary>
    [Theory]
    [InlineData("clip")]
    [InlineData("gemma")]
    [InlineData("paligemma")]
    [InlineData("qwen2")]
    [InlineData("qwen2_vl")]
    [InlineData("siglip")]
    public void Should_fail_When_any_weight_is_off_by_half_a_percent(string set)
    {
        using var scope = NewDisposeScope();
        var names = GoldenFolder.Weights(set).Keys;
        string[] unnoticed = [.. names.Where(name => GoldenSet.Check(GoldenFolder.Copy(set, folder, weights => weights[name] = weights[name] * 0.995f), CPU).Holds)];
        string[] keyBiases = [.. names.Where(name => !set.StartsWith("qwen2", StringComparison.Ordinal) && name.EndsWith("k_proj.bias", StringComparison.Ordinal))];
        Assert.Equal(keyBiases.Order(StringComparer.Ordinal), unnoticed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Should_fail_and_name_the_tensor_When_an_output_is_not_computed()
    {
        var manifest = GoldenFolder.Copy("gemma", folder, _ => { }) + "/manifest.json";
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("\"full\"", "\"fuller\"", StringComparison.Ordinal));
        var report = GoldenSet.Check(folder.Path, CPU);
        Assert.False(report.Holds);
        Assert.All(report.Cases[0].Tensors, tensor => Assert.Equal("not computed", tensor.Fault));
    }

    [Theory]
    [InlineData("clip")]
    [InlineData("gemma")]
    [InlineData("paligemma")]
    [InlineData("qwen2")]
    [InlineData("qwen2_vl")]
    [InlineData("siglip")]
    public void Should_stay_near_When_weights_are_bfloat16(string set)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var exact = Backbone.Load(GoldenFolder.Of(set), ScalarType.Float32, CPU);
        using var rounded = Backbone.Load(GoldenFolder.Of(set), ScalarType.BFloat16, CPU);
        Assert.All(exact.named_parameters().Zip(rounded.named_parameters()), pair =>
        {
            Assert.Equal(ScalarType.BFloat16, pair.Second.parameter.dtype);
            Assert.Equal(pair.First.parameter.to(ScalarType.BFloat16).bytes.ToArray(), pair.Second.parameter.bytes.ToArray());
        });
        var manifest = GoldenManifest.Read(Path.Combine(GoldenFolder.Of(set), "manifest.json"));
        using var inputs = SafetensorsReader.Open(Path.Combine(GoldenFolder.Of(set), "inputs.safetensors"));
        foreach (var @case in manifest.Cases)
        {
            var given = BackboneInputs.Of(@case.Inputs.ToDictionary(pair => pair.Key, pair => inputs.Read(pair.Value)));
            var (want, got) = (new Trace(), new Trace());
            exact.Run(given, want);
            rounded.Run(given, got);
            Assert.NotEmpty(want.Tensors);
            foreach (var (name, expected) in want.Tensors.Where(tensor => tensor.Value.is_floating_point() && tensor.Value.numel() > 32))
                Assert.True(Cosine(expected, got.Tensors[name]) > 0.995, $"{set} {@case.Name}.{name}: {Cosine(expected, got.Tensors[name])}");
        }
    }

    private static double Cosine(Tensor left, Tensor right) =>
        nn.functional.cosine_similarity(left.reshape(-1).to(ScalarType.Float64), right.reshape(-1).to(ScalarType.Float64), 0).item<double>();
}
