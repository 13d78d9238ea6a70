using System.Collections.Concurrent;
using System.Runtime.Intrinsics;

namespace JointFusion.Data;

/// <summary>What each output position of one axis is made of: consecutive inputs and their weights, in fixed point.</summary>
/// <remarks>
/// Pillow's Resample.c: Keys' cubic with a = -1/2, widened where it shrinks, weights normalised in float64 and then rounded to 22 bits after the
/// point, halves away from zero. A sum begins with a half, is shifted down and clipped to a byte: the same to the last bit in any order.
/// </remarks>
internal sealed class ResampleWeights
{
    /// <summary>8 bits of a sample, 2 of overshoot and these make 32.</summary>
    public const int PointBits = 22;
    private const double Reach = 2;

    /// <summary>Pictures of a data set often have the same few sizes.</summary>
    private const int MostKept = 256;
    private static readonly ConcurrentDictionary<(int Inputs, double Extent, int Outputs, int First, int Count), ResampleWeights> Kept = new();
    private Vector256<short>[]? vectors;

    private ResampleWeights(int[] firsts, int[] weights, int taps) => (Firsts, Weights, Taps) = (firsts, weights, taps);

    /// <summary>First input of each output.</summary>
    public int[] Firsts { get; }

    /// <summary><see cref="Taps"/> for each output, zeros at the end where it has fewer.</summary>
    public int[] Weights { get; }

    public int Taps { get; }

    /// <summary>The inputs that are needed at all.</summary>
    public (int First, int End) Range { get; private init; }

    /// <summary>The weights of an axis; those that were asked for lately are not computed again.</summary>
    /// <param name="inputs">Samples of the axis.</param>
    /// <param name="extent">What they cover, in samples: less than all where the last one covers only a part.</param>
    /// <param name="outputs">What it is resized to.</param>
    /// <param name="first">First output that is wanted.</param>
    /// <param name="count">So many are.</param>
    public static ResampleWeights Of(int inputs, double extent, int outputs, int first, int count)
    {
        var key = (inputs, extent, outputs, first, count);
        if (Kept.TryGetValue(key, out var kept)) return kept;
        if (Kept.Count >= MostKept) Kept.Clear();
        return Kept[key] = Compute(inputs, extent, outputs, first, count);
    }

    /// <param name="arrange">Brings them into the order that a pass reads them in; the same for all.</param>
    public Vector256<short>[] InVectors(Func<ResampleWeights, Vector256<short>[]> arrange) => vectors ??= arrange(this);

    private static ResampleWeights Compute(int inputs, double extent, int outputs, int first, int count)
    {
        var scale = extent / outputs;
        var unit = Math.Max(scale, 1);
        var (firsts, ends) = (new int[count], new int[count]);
        for (var i = 0; i < count; i++)
        {
            var center = (first + i + 0.5) * scale;
            firsts[i] = Math.Max((int)(center - (Reach * unit) + 0.5), 0);
            ends[i] = Math.Min((int)(center + (Reach * unit) + 0.5), inputs);
        }

        var taps = ends.Zip(firsts, (end, begin) => end - begin).Max();
        var (weights, own) = (new int[count * taps], new double[taps]);
        for (var i = 0; i < count; i++)
        {
            Fill(own.AsSpan(0, ends[i] - firsts[i]), firsts[i], (first + i + 0.5) * scale, 1 / unit, weights.AsSpan(i * taps));
        }

        return new ResampleWeights(firsts, weights, taps) { Range = (firsts[0], ends[^1]) };
    }

    private static void Fill(Span<double> own, int first, double center, double perUnit, Span<int> weights)
    {
        double total = 0;
        for (var tap = 0; tap < own.Length; tap++)
        {
            own[tap] = Cubic((tap + first - center + 0.5) * perUnit);
            total += own[tap];
        }

        for (var tap = 0; tap < own.Length; tap++)
        {
            var weight = own[tap] / total * (1 << PointBits);
            weights[tap] = (int)(weight < 0 ? weight - 0.5 : weight + 0.5);
        }
    }

    private static double Cubic(double distance)
    {
        const double A = -0.5;
        var x = Math.Abs(distance);
        if (x < 1) return ((((A + 2) * x) - (A + 3)) * x * x) + 1;
        return x < Reach ? (((((x - 5) * x) + 8) * x) - 4) * A : 0;
    }
}
