using System.Runtime.InteropServices;
using JointFusion.Retrieval;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>Our bfloat16 beside libtorch's, to the bit; of the many that are not a number libtorch itself gives different ones.</summary>
public sealed class BrainFloatsTests
{
    private static readonly float[] Special =
    [
        0, -0f, float.NaN, -float.NaN, BitConverter.UInt32BitsToSingle(0x7FFFFFFF), float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.Epsilon,
        BitConverter.UInt32BitsToSingle(0x3F808000), BitConverter.UInt32BitsToSingle(0x3F818000), BitConverter.UInt32BitsToSingle(0x3F808001), // halfway to even, to odd, and above
    ];

    [Theory, InlineData(0), InlineData(12), InlineData(50_001)]
    public void Should_RoundAsLibtorch_When_Narrowed(int drawn)
    {
        using var scope = NewDisposeScope();
        var random = new Random(7);
        float[] numbers = [.. Special, .. Enumerable.Range(0, drawn).Select(_ => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)))];
        var ours = new ushort[numbers.Length];
        BrainFloats.Narrow(numbers, ours);
        Assert.Equal(MemoryMarshal.Cast<byte, ushort>(tensor(numbers).to(ScalarType.BFloat16).bytes).ToArray().Select(OneNaN), ours.Select(OneNaN));
    }

    [Theory, InlineData(65_536), InlineData(65_531)]
    public void Should_KeepEveryValue_When_Widened(int count)
    {
        ushort[] all = [.. Enumerable.Range(0, count).Select(bits => (ushort)bits)];
        var wide = new float[count];
        BrainFloats.Widen(all, wide);
        Assert.Equal(all.Select(bits => (uint)bits << 16), wide.Select(BitConverter.SingleToUInt32Bits));
    }

    private static ushort OneNaN(ushort bits) => (bits & 0x7FFF) > 0x7F80 ? ushort.MaxValue : bits;
}
