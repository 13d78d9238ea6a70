using System.Numerics;
using System.Runtime.InteropServices;

namespace JointFusion.Training;

/// <summary>Element-wise sums, and the one order in which every group takes them.</summary>
internal static unsafe class Sums
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

    /// <summary>sum[i] = a[i] + b[i]; the sum may lie where an addend does.</summary>
    public static void AddTo<T>(T* a, T* b, T* sum, int length) where T : unmanaged, INumber<T>
    {
        var i = 0;
        if (Vector<T>.IsSupported)
        {
            for (; i <= length - Vector<T>.Count; i += Vector<T>.Count) (Vector.Load(a + i) + Vector.Load(b + i)).Store(sum + i);
        }
        for (; i < length; i++) sum[i] = a[i] + b[i];
    }

    /// <summary><see cref="AddTo{T}"/> in two places at once.</summary>
    public static void AddToBoth<T>(T* a, T* b, T* sum, T* copy, int length) where T : unmanaged, INumber<T>
    {
        var i = 0;
        if (Vector<T>.IsSupported)
        {
            for (; i <= length - Vector<T>.Count; i += Vector<T>.Count)
            {
                var both = Vector.Load(a + i) + Vector.Load(b + i);
                both.Store(sum + i);
                both.Store(copy + i);
            }
        }
        for (; i < length; i++) sum[i] = copy[i] = a[i] + b[i];
    }

    /// <summary>
    /// The rank whose values are the <paramref name="turn"/>-th term (from 0) of segment <paramref name="segment"/>'s sum: the ring's
    /// order, which starts behind the segment's owner and ends with it. All groups keep to it, so they agree bitwise.
    /// </summary>
    public static int Term(int segment, int turn, int worldSize) => (segment + 1 + turn) % worldSize;

    /// <summary>Where segment <paramref name="segment"/> of an evenly divided buffer starts, in elements.</summary>
    public static int SegmentStart(int length, int segment, int worldSize) => (int)((long)length * segment / worldSize);
}
