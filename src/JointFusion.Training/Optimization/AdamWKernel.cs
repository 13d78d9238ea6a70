using System.Numerics;
using System.Runtime.InteropServices;

namespace JointFusion.Training;

/// <summary>
/// One AdamW update in one pass over memory. libtorch's own operations read and write each tensor several times, and at the size of a
/// retriever's parameters memory is what they wait for.
/// </summary>
/// <remarks>Element by element, each operation rounded by itself: the bits do not depend on where a slice begins.</remarks>
internal static class AdamWKernel
{
    /// <summary>All of one length; the gradients are left as they are.</summary>
    public static void Update<T>(Span<T> values, ReadOnlySpan<T> gradients, Span<T> firstMoment, Span<T> secondMoment, in AdamWFactors<T> factors)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Update(Vectors(values), MemoryMarshal.Cast<T, Vector<T>>(gradients), Vectors(firstMoment), Vectors(secondMoment), factors);
        var done = values.Length - (values.Length % Vector<T>.Count);
        if (done < values.Length)
            UpdateRest(values[done..], gradients[done..], firstMoment[done..], secondMoment[done..], factors);
    }

    /// <summary>Less than a vector, moved to whole ones.</summary>
    private static void UpdateRest<T>(Span<T> values, ReadOnlySpan<T> gradients, Span<T> firstMoment, Span<T> secondMoment, in AdamWFactors<T> factors)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var width = Vector<T>.Count;
        Span<T> all = stackalloc T[4 * width];
        values.CopyTo(all);
        gradients.CopyTo(all[width..]);
        firstMoment.CopyTo(all[(2 * width)..]);
        secondMoment.CopyTo(all[(3 * width)..]);
        Update(Vectors(all[..width]), Vectors(all[width..(2 * width)]), Vectors(all[(2 * width)..(3 * width)]), Vectors(all[(3 * width)..]), factors);
        all[..values.Length].CopyTo(values);
        all.Slice(2 * width, values.Length).CopyTo(firstMoment);
        all.Slice(3 * width, values.Length).CopyTo(secondMoment);
    }

    private static void Update<T>(Span<Vector<T>> p, ReadOnlySpan<Vector<T>> g, Span<Vector<T>> m, Span<Vector<T>> v, in AdamWFactors<T> factors)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (beta1, beta2, rate) = (factors.Beta1, factors.Beta2, factors.Rate);
        var (new1, new2, epsilon) = (factors.OneMinusBeta1, factors.OneMinusBeta2, new Vector<T>(factors.Epsilon));
        var (clip, shrink, correction) = (factors.Clip, factors.Shrink, factors.Correction);
        for (var i = 0; i < p.Length; i++)
        {
            var gradient = g[i] * clip;
            m[i] = (m[i] * beta1) + (gradient * new1);
            v[i] = (v[i] * beta2) + (gradient * gradient * new2);
            p[i] = (p[i] * shrink) - (m[i] * rate / ((Vector.SquareRoot(v[i]) * correction) + epsilon));
        }
    }

    private static Span<Vector<T>> Vectors<T>(Span<T> numbers) where T : unmanaged => MemoryMarshal.Cast<T, Vector<T>>(numbers);
}
