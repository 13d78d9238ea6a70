using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace JointFusion.Retrieval;

/// <summary>x P(x), with P the normal distribution (Hendrycks and Gimpel 2016, arXiv 1606.08415), and its slope.</summary>
/// <remarks>P within 1e-7, by Abramowitz and Stegun 7.1.26: 1 - P(|x|) = (a1 t + ... + a5 t^5) exp(-x^2 / 2) / 2, t = 1 / (1 + p |x| / sqrt(2)). The slope needs the same exponential.</remarks>
internal static unsafe class GeluKernel
{
    private const float P = 0.3275911f * 0.70710678f, A1 = 0.254829592f / 2, A2 = -0.284496736f / 2, A3 = 1.421413741f / 2, A4 = -1.453152027f / 2, A5 = 1.061405429f / 2;

    private const float DensityAtZero = 0.39894228f;

    private static int Lanes => Vector512<float>.Count;

    public static bool Fits(long width) => width % Lanes == 0;

    /// <param name="y">May be x.</param>
    public static void Forward(float* x, float* y, int count)
    {
        for (var i = 0; i < count; i += Lanes)
        {
            var input = Vector512.Load(x + i);
            (input * Distribution(input, out _)).Store(y + i);
        }
    }

    /// <summary>The value, and the gradient times the slope.</summary>
    /// <param name="y">Written.</param>
    /// <param name="slope">Written; may be x.</param>
    public static void Backward(float* x, float* y, float* slope, int count)
    {
        for (var i = 0; i < count; i += Lanes)
        {
            var input = Vector512.Load(x + i);
            var distribution = Distribution(input, out var exponential);
            (input * distribution).Store(y + i);
            Vector512.FusedMultiplyAdd(input * DensityAtZero, exponential, distribution).Store(slope + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Distribution(Vector512<float> x, out Vector512<float> exponential)
    {
        exponential = Exp(x * x * -0.5f);
        var t = Vector512<float>.One / Vector512.FusedMultiplyAdd(Vector512.Abs(x), Vector512.Create(P), Vector512<float>.One);
        var tail = Vector512.FusedMultiplyAdd(Vector512.Create(A5), t, Vector512.Create(A4));
        tail = Vector512.FusedMultiplyAdd(tail, t, Vector512.Create(A3));
        tail = Vector512.FusedMultiplyAdd(tail, t, Vector512.Create(A2));
        tail = Vector512.FusedMultiplyAdd(tail, t, Vector512.Create(A1)) * t * exponential;
        return Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<float>.Zero), tail, Vector512<float>.One - tail);
    }

    /// <summary>As <see cref="Vectors.Exp"/>, of numbers up to 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Exp(Vector512<float> x)
    {
        const float log2E = 1.44269504f, ln2High = 0.693359375f, ln2Low = -2.12194440e-4f, lowest = -87;
        var n = Vector512.Round(x * log2E);
        var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-ln2High), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-ln2Low), r);
        var p = Vector512.FusedMultiplyAdd(Vector512.Create(1.9875691500e-4f), r, Vector512.Create(1.3981999507e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(8.3334519073e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(4.1665795894e-2f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.6666665459e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(5.0000001201e-1f));
        p = Vector512.FusedMultiplyAdd(p, r * r, r + Vector512<float>.One);
        var power = Vector512.ShiftLeft(Vector512.ConvertToInt32Native(n) + Vector512.Create(127), 23);
        return Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(lowest)), Vector512<float>.Zero, power.AsSingle() * p);
    }
}
