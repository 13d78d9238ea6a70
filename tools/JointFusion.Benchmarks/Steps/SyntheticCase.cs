using JointFusion.Data;
using JointFusion.Experiments;

namespace JointFusion.Benchmarks;

/// <summary>One fixed shape: every item has a picture and as many tokens, so that nothing is ragged.</summary>
internal sealed record SyntheticCase(Preset Preset, int PairsAWorker, Precision Precision, Device Device = Device.Cpu)
    : StepCase($"{Preset} {Precision}{(Device == Device.Cpu ? "" : $", {Device}")}".ToLowerInvariant(), PairsAWorker, Device)
{
    public const int Vocabulary = 2048;

    public override int ImageSize => 64;

    public override string? Root => null;

    public override double? FlopsAPair => 3 * 2 * Shape.FlopsPerItem(Shape.PatchesPerImage, Tokens);

    public override RetrieverPlan Plan => new(
        Preset, null, Temperature: 0.07, MinimumTemperature: 0.01, new PixelScale(0.5, 0.5), Shape, Shape.Parameters(), Shape.FlopsPerPair(), Precision: Precision);

    private RetrieverShape Shape => RetrieverShapes.For(new RetrieverSpec { Preset = Preset, Fusion = Fusion.Early }, ImageSize, Vocabulary);

    public override IBatchSource Batches(int rank, int world) => new SyntheticBatches(Shape, PairsAWorker, rank, world);
}
