using System.Numerics;
using System.Runtime.InteropServices;

namespace JointFusion.Training;

/// <summary>Element-wise sums, and the one order in which every group takes them.</summary>
internal static class Sums
{
    /// <summary>sum[i] += addend[i]; equal lengths.</summary>
    public static void Add<T>(Span<T> sum, ReadOnlySpan<T> addend) where T : unmanaged, INumber<T>
    {
        var done = 0;
        if (Vector<T>.IsSupported)
        {
            var sums = MemoryMarshal.Cast<T, Vector<T>>(sum);
            var addends = MemoryMarshal.Cast<T, Vector<T>>(addend);
            for (var i = 0; i < sums.Length; i++) sums[i] += addends[i];
            done = sums.Length * Vector<T>.Count;
        }
        for (var i = done; i < sum.Length; i++) sum[i] += addend[i];
    }

    /// <summary>
    /// The rank whose values are the <paramref name="turn"/>-th term (from 0) of segment <paramref name="segment"/>'s sum: the ring's
    /// order, which starts behind the segment's owner and ends with it. All groups keep to it, so they agree bitwise.
    /// </summary>
    public static int Term(int segment, int turn, int worldSize) => (segment + 1 + turn) % worldSize;

    /// <summary>Where segment <paramref name="segment"/> of an evenly divided buffer starts, in elements.</summary>
    public static int SegmentStart(int length, int segment, int worldSize) => (int)((long)length * segment / worldSize);
}
