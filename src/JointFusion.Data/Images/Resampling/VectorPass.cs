using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace JointFusion.Data;

/// <summary>Both passes with AVX2: products of 16-bit numbers, two at a time.</summary>
/// <remarks>
/// A weight has 24 bits, so it is split into an upper part times 2^11 and a lower part; both sums are whole numbers, and so is the sum of both.
/// </remarks>
internal sealed class VectorPass : IResamplePass
{
    private const int SplitBits = 11, TapsAGroup = 4, BytesAGroup = TapsAGroup * RgbPicture.Channels;

    /// <summary>Four pixels to pairs of samples: R0 R1 G0 G1 B0 B1 - -, then those of pixels 2 and 3.</summary>
    private static readonly Vector128<byte> Pairs = Vector128.Create(0, 3, 1, 4, 2, 5, 0x80, 0x80, 6, 9, 7, 10, 8, 11, 0x80, 0x80);

    private readonly ResampleWeights columns;
    private readonly int groups;

    /// <summary>For each output and group of taps: the lower parts of weights 0 1, four times, and of 2 3; then the upper parts.</summary>
    private readonly Vector256<short>[] weights;

    /// <summary>Lower and upper parts of the weights of two rows each, for the row that is being joined.</summary>
    private readonly (int Lower, int Upper)[] pairs;
    private byte[] padded = [];

    public VectorPass(ResampleWeights columns, ResampleWeights rows)
    {
        this.columns = columns;
        pairs = new (int, int)[(rows.Taps + 1) / 2];
        groups = GroupsOf(columns);
        weights = columns.InVectors(Arrange);
    }

    public void Narrow(ReadOnlySpan<byte> strip, int length, PaddedRows narrowed, int first)
    {
        // Groups read beyond the last pixel; what they find there has weight 0, but has to be there. Behind the strip's end a copy has zeros.
        var rows = strip.Length / length;
        var free = (strip.Length - (groups * BytesAGroup) - Vector128<byte>.Count) / length;
        for (var y = 0; y + 1 < Math.Min(rows, free); y += 2)
        {
            Narrow(ref MemoryMarshal.GetReference(strip[(y * length)..]), length, narrowed, first + y);
        }

        for (var y = Math.Max(Math.Min(rows, free), 0) / 2 * 2; y < rows; y += 2)
        {
            padded.AsSpan().Clear();
            if (padded.Length == 0) padded = new byte[(2 * length) + (groups * BytesAGroup) + Vector128<byte>.Count];
            strip.Slice(y * length, Math.Min(2, rows - y) * length).CopyTo(padded);
            Narrow(ref MemoryMarshal.GetArrayDataReference(padded), length, narrowed, first + y);
        }
    }

    public void Join(PaddedRows rows, int first, ReadOnlySpan<int> weights, Span<byte> result)
    {
        // Two rows a step, the last one perhaps with a neighbour of no weight.
        for (var pair = 0; pair < pairs.Length; pair++)
        {
            var (one, other) = (weights[2 * pair], (2 * pair) + 1 < weights.Length ? weights[(2 * pair) + 1] : 0);
            pairs[pair] = ((ushort)Lower(one) | (Lower(other) << 16), (ushort)Upper(one) | (Upper(other) << 16));
        }

        Span<byte> last = stackalloc byte[PaddedRows.Unit];
        for (var at = 0; at < result.Length; at += PaddedRows.Unit)
        {
            var joined = Join(ref MemoryMarshal.GetReference(rows.Row(first)[at..]), rows.Stride);
            if (at + PaddedRows.Unit <= result.Length)
            {
                joined.CopyTo(result[at..]);
                continue;
            }

            joined.CopyTo(last);
            last[..(result.Length - at)].CopyTo(result[at..]);
        }
    }

    private static int GroupsOf(ResampleWeights columns) => (columns.Taps + TapsAGroup - 1) / TapsAGroup;

    private static Vector256<short>[] Arrange(ResampleWeights columns)
    {
        var groups = GroupsOf(columns);
        var weights = new Vector256<short>[columns.Firsts.Length * groups * 2];
        Span<int> four = stackalloc int[TapsAGroup];
        for (var i = 0; i < weights.Length / 2; i++)
        {
            var (x, tap) = (i / groups, i % groups * TapsAGroup);
            four.Clear();
            columns.Weights.AsSpan((x * columns.Taps) + tap, Math.Min(TapsAGroup, columns.Taps - tap)).CopyTo(four);
            (weights[2 * i], weights[(2 * i) + 1]) = (Spread(Lower(four[0]), Lower(four[1]), Lower(four[2]), Lower(four[3])),
                Spread(Upper(four[0]), Upper(four[1]), Upper(four[2]), Upper(four[3])));
        }

        return weights;
    }

    /// <summary>Two rows at a time, which share the weights; the second may be one of no meaning.</summary>
    private void Narrow(ref byte row, int length, PaddedRows narrowed, int y)
    {
        ref var next = ref Unsafe.Add(ref row, length);
        ref var weight = ref MemoryMarshal.GetArrayDataReference(weights);
        ref var result = ref MemoryMarshal.GetReference(narrowed.Row(y));
        ref var nextResult = ref MemoryMarshal.GetReference(narrowed.Row(y + 1));
        var (firsts, groups, order) = (columns.Firsts, this.groups, Pairs); // In registers.
        for (var x = 0; x < firsts.Length; x++)
        {
            var (lower, upper, nextLower, nextUpper) = (Vector256<int>.Zero, Vector256<int>.Zero, Vector256<int>.Zero, Vector256<int>.Zero);
            var at = (nuint)(firsts[x] * RgbPicture.Channels);
            for (var group = 0; group < groups; group++, at += BytesAGroup, weight = ref Unsafe.Add(ref weight, 2))
            {
                var samples = Avx2.ConvertToVector256Int16(Ssse3.Shuffle(Vector128.LoadUnsafe(ref row, at), order));
                var nextSamples = Avx2.ConvertToVector256Int16(Ssse3.Shuffle(Vector128.LoadUnsafe(ref next, at), order));
                lower += Avx2.MultiplyAddAdjacent(samples, weight);
                upper += Avx2.MultiplyAddAdjacent(samples, Unsafe.Add(ref weight, 1));
                nextLower += Avx2.MultiplyAddAdjacent(nextSamples, weight);
                nextUpper += Avx2.MultiplyAddAdjacent(nextSamples, Unsafe.Add(ref weight, 1));
            }

            // The halves of a vector are sums of even and of odd groups of two taps: one of each row is added to the other of the same row.
            var (one, other) = (lower + (upper << SplitBits), nextLower + (nextUpper << SplitBits));
            var sums = Avx2.Permute2x128(one, other, 0x20) + Avx2.Permute2x128(one, other, 0x31);
            var pixels = (sums + Vector256.Create(1 << (ResampleWeights.PointBits - 1))) >> ResampleWeights.PointBits;
            var bytes = Avx2.PackUnsignedSaturate(Avx2.PackSignedSaturate(pixels, pixels), Vector256<short>.Zero).AsInt32();
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref result, x * RgbPicture.Channels), bytes.GetElement(0));
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref nextResult, x * RgbPicture.Channels), bytes.GetElement(4));
        }
    }

    /// <summary>32 samples. Unpacking and packing both stay within halves of a vector, so that the samples end in the order they began in.</summary>
    private Vector256<byte> Join(ref byte samples, int stride)
    {
        var (low0, low1, low2, low3) = (Vector256<int>.Zero, Vector256<int>.Zero, Vector256<int>.Zero, Vector256<int>.Zero);
        var (high0, high1, high2, high3) = (Vector256<int>.Zero, Vector256<int>.Zero, Vector256<int>.Zero, Vector256<int>.Zero);
        foreach (var (lowerPair, upperPair) in pairs)
        {
            var (one, other) = (Vector256.LoadUnsafe(ref samples), Vector256.LoadUnsafe(ref samples, (nuint)stride));
            samples = ref Unsafe.Add(ref samples, 2 * stride);
            var (lower, upper) = (Vector256.Create(lowerPair).AsInt16(), Vector256.Create(upperPair).AsInt16());
            var (left, right) = (Avx2.UnpackLow(one, other), Avx2.UnpackHigh(one, other));
            var samples0 = Avx2.UnpackLow(left, Vector256<byte>.Zero).AsInt16();
            var samples1 = Avx2.UnpackHigh(left, Vector256<byte>.Zero).AsInt16();
            var samples2 = Avx2.UnpackLow(right, Vector256<byte>.Zero).AsInt16();
            var samples3 = Avx2.UnpackHigh(right, Vector256<byte>.Zero).AsInt16();
            low0 += Avx2.MultiplyAddAdjacent(samples0, lower);
            low1 += Avx2.MultiplyAddAdjacent(samples1, lower);
            low2 += Avx2.MultiplyAddAdjacent(samples2, lower);
            low3 += Avx2.MultiplyAddAdjacent(samples3, lower);
            high0 += Avx2.MultiplyAddAdjacent(samples0, upper);
            high1 += Avx2.MultiplyAddAdjacent(samples1, upper);
            high2 += Avx2.MultiplyAddAdjacent(samples2, upper);
            high3 += Avx2.MultiplyAddAdjacent(samples3, upper);
        }

        return Avx2.PackUnsignedSaturate(
            Avx2.PackSignedSaturate(Round(low0, high0), Round(low1, high1)), Avx2.PackSignedSaturate(Round(low2, high2), Round(low3, high3)));
    }

    private static Vector256<int> Round(Vector256<int> lower, Vector256<int> upper) =>
        (lower + (upper << SplitBits) + Vector256.Create(1 << (ResampleWeights.PointBits - 1))) >> ResampleWeights.PointBits;

    /// <summary>Between -1024 and 1023.</summary>
    private static short Lower(int weight) => (short)(weight - (Upper(weight) << SplitBits));

    private static short Upper(int weight) => (short)((weight + (1 << (SplitBits - 1))) >> SplitBits);

    private static Vector256<short> Spread(short first, short second, short third, short fourth) => Vector256.Create(
        Vector128.Create((ushort)first | (second << 16)).AsInt16(), Vector128.Create((ushort)third | (fourth << 16)).AsInt16());
}
