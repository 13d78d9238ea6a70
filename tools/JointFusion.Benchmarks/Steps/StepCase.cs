using JointFusion.Experiments;

namespace JointFusion.Benchmarks;

/// <summary>One fixed shape: every item has a picture of 64 x 64 and 16 tokens, so that nothing is ragged.</summary>
/// <param name="PairsAWorker">Pairs of a step that each worker encodes.</param>
internal sealed record StepCase(Preset Preset, int PairsAWorker, Precision Precision)
{
    public const int ImageSize = 64, Tokens = 16, Vocabulary = 2048;

    private static readonly StepCase[] All =
        [.. Enum.GetValues<Precision>().SelectMany(precision => (StepCase[])[new(Preset.Nano, 32, precision), new(Preset.Tiny, 16, precision)])];

    public static IEnumerable<StepCase> With(Precision precision) => All.Where(one => one.Precision == precision);

    public string Name => $"{Preset} {Precision}".ToLowerInvariant();

    public TransformerShape Tower => Shape.Joint!;

    public RetrieverShape Shape => RetrieverShapes.For(new RetrieverSpec { Preset = Preset, Fusion = Fusion.Early }, ImageSize, Vocabulary);

    /// <summary>Forward and backward of one pair, backward being worth two forward.</summary>
    public double FlopsAPair => 3 * 2 * Shape.FlopsPerItem(Shape.PatchesPerImage, Tokens);

    public RetrieverPlan Plan => new(
        Preset, null, Temperature: 0.07, MinimumTemperature: 0.01, new PixelScale(0.5, 0.5), Shape, Shape.Parameters(), Shape.FlopsPerPair(), Precision: Precision);

    public static StepCase Named(string name) => All.Single(one => one.Name == name);
}
