using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace JointFusion.Data;

/// <summary>Rows of luma and chroma to interleaved RGB.</summary>
/// <remarks>JFIF 1.02: full range, with the factors of ITU-R BT.601. Samples here are 128 below those of the file.</remarks>
internal static class YccPixels
{
    /// <summary>Pixels at a time; rows have room for a multiple of it.</summary>
    public const int Unit = 16;
    private const float RedOfCr = 1.402f, GreenOfCb = -0.344136f, GreenOfCr = -0.714136f, BlueOfCb = 1.772f;

    /// <summary>Which of sixteen samples stands where in each third of 48 bytes, by channel; 255 is none.</summary>
    private static readonly Vector128<byte>[] Spread = [.. from third in Enumerable.Range(0, 3) from channel in Enumerable.Range(0, 3) select Third(third, channel)];

    /// <param name="blue">Chroma, as <paramref name="red"/>; both empty: grey.</param>
    /// <param name="rgb">Takes a multiple of 48 bytes.</param>
    public static void Put(ReadOnlySpan<float> luma, ReadOnlySpan<float> blue, ReadOnlySpan<float> red, int width, Span<byte> rgb)
    {
        for (var x = 0; x < width; x += Unit)
        {
            var (first, second) = (Luma(luma[x..]), Luma(luma[(x + (Unit / 2))..]));
            if (blue.IsEmpty)
            {
                var grey = Bytes(first, second);
                Put(grey, grey, grey, rgb[(x * RgbPicture.Channels)..]);
                continue;
            }

            var (cb, nextCb) = (Load(blue[x..]), Load(blue[(x + (Unit / 2))..]));
            var (cr, nextCr) = (Load(red[x..]), Load(red[(x + (Unit / 2))..]));
            Put(
                Bytes(first + (cr * RedOfCr), second + (nextCr * RedOfCr)),
                Bytes(first + (cb * GreenOfCb) + (cr * GreenOfCr), second + (nextCb * GreenOfCb) + (nextCr * GreenOfCr)),
                Bytes(first + (cb * BlueOfCb), second + (nextCb * BlueOfCb)),
                rgb[(x * RgbPicture.Channels)..]);
        }
    }

    private static Vector256<float> Load(ReadOnlySpan<float> samples) => Vector256.Create(samples);

    /// <summary>Moved to where a file's are, and by a half, since what follows cuts off.</summary>
    private static Vector256<float> Luma(ReadOnlySpan<float> samples) => Load(samples) + Vector256.Create(128.5f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Bytes(Vector256<float> first, Vector256<float> second)
    {
        var shorts = Vector256.Narrow(Whole(first), Whole(second));
        return Vector128.Narrow(shorts.GetLower(), shorts.GetUpper()).AsByte();
    }

    private static Vector256<int> Whole(Vector256<float> samples) =>
        Vector256.ConvertToInt32Native(Vector256.Min(Vector256.Max(samples, Vector256<float>.Zero), Vector256.Create((float)byte.MaxValue)));

    private static void Put(Vector128<byte> red, Vector128<byte> green, Vector128<byte> blue, Span<byte> rgb)
    {
        ref var spread = ref MemoryMarshal.GetArrayDataReference(Spread);
        for (var third = 0; third < 3; third++, spread = ref Unsafe.Add(ref spread, 3))
        {
            var bytes = Vector128.ShuffleNative(red, spread) | Vector128.ShuffleNative(green, Unsafe.Add(ref spread, 1)) | Vector128.ShuffleNative(blue, Unsafe.Add(ref spread, 2));
            bytes.CopyTo(rgb[(third * Vector128<byte>.Count)..]);
        }
    }

    private static Vector128<byte> Third(int third, int channel) => Vector128.Create(
        [.. Enumerable.Range(third * Vector128<byte>.Count, Vector128<byte>.Count).Select(at => at % 3 == channel ? (byte)(at / 3) : byte.MaxValue)]);
}
