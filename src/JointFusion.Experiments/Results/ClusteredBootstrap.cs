using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace JointFusion.Experiments;

/// <summary>
/// 95% percentile intervals of means over queries. Whole concepts are resampled, since queries about one concept share their pictures and
/// rise and fall together. One set of resamples serves all metrics and runs on the same queries, so that their differences are paired.
/// </summary>
/// <remarks>
/// A resample draws C of the C concepts with replacement; w[c] is how often concept c was drawn. Its mean is sum(w*S) / sum(w*N), with S[c]
/// the sum of the values and N[c] the number of queries of concept c. The same seed and concepts give the same interval on every machine,
/// in whatever order the queries come (up to rounding). A single concept has no spread to resample: its interval is the value alone.
/// </remarks>
public sealed class ClusteredBootstrap
{
    public const int DefaultResamples = 1_000;

    private readonly int[] _conceptOfQuery;
    private readonly int _concepts;
    private readonly double[][] _weights; // [resamples][concepts]
    private readonly double[] _queriesDrawn; // [resamples]

    /// <param name="concepts">Concept of each query, in the order in which values are given later.</param>
    /// <exception cref="ArgumentException">There is no query.</exception>
    public ClusteredBootstrap(IReadOnlyList<string> concepts, int seed, int resamples = DefaultResamples)
    {
        if (concepts.Count == 0)
            throw new ArgumentException("A mean over no queries has no interval.", nameof(concepts));
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 2);

        var index = concepts.Distinct().Order(StringComparer.Ordinal).Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => pair.i);
        _concepts = index.Count;
        _conceptOfQuery = [.. concepts.Select(name => index[name])];
        _weights = Draw(_concepts, seed, resamples);

        var ones = new double[concepts.Count];
        Array.Fill(ones, 1);
        var sizes = SumByConcept(ones);
        _queriesDrawn = [.. _weights.Select(weights => Dot(weights, sizes))];
    }

    /// <summary>Of the mean over all queries.</summary>
    /// <param name="values">One a query, such as 1 for found and 0 for not.</param>
    public ConfidenceInterval Mean(ReadOnlySpan<double> values)
    {
        var sums = SumByConcept(values);
        var means = new double[_weights.Length];
        for (var resample = 0; resample < means.Length; resample++)
            means[resample] = Dot(_weights[resample], sums) / _queriesDrawn[resample];

        Array.Sort(means);
        return new(sums.Sum() / values.Length, Percentiles.Of(means, 0.025), Percentiles.Of(means, 0.975));
    }

    /// <summary>Of the mean over all queries of <paramref name="left"/> minus <paramref name="right"/>, paired by query.</summary>
    public ConfidenceInterval Difference(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        if (left.Length != right.Length)
            throw new ArgumentException($"{left.Length} values cannot be paired with {right.Length}.", nameof(right));

        var differences = new double[left.Length];
        for (var query = 0; query < differences.Length; query++)
            differences[query] = left[query] - right[query];
        return Mean(differences);
    }

    private static double[][] Draw(int concepts, int seed, int resamples)
    {
        var random = new SplitMix64((ulong)seed);
        var weights = new double[resamples][];
        for (var resample = 0; resample < resamples; resample++)
        {
            weights[resample] = new double[concepts];
            for (var draw = 0; draw < concepts; draw++)
                weights[resample][random.Below(concepts)]++;
        }

        return weights;
    }

    private double[] SumByConcept(ReadOnlySpan<double> values)
    {
        if (values.Length != _conceptOfQuery.Length)
            throw new ArgumentException($"{values.Length} values for {_conceptOfQuery.Length} queries.", nameof(values));

        var sums = new double[_concepts];
        for (var query = 0; query < values.Length; query++)
            sums[_conceptOfQuery[query]] += values[query];
        return sums;
    }

    /// <summary>Four lanes on every machine, so that the order of summation does not depend on the processor.</summary>
    private static double Dot(double[] left, double[] right)
    {
        var lanes = Vector256<double>.Zero;
        var whole = left.Length - (left.Length % Vector256<double>.Count);
        ref var leftStart = ref MemoryMarshal.GetArrayDataReference(left);
        ref var rightStart = ref MemoryMarshal.GetArrayDataReference(right);
        for (var i = 0; i < whole; i += Vector256<double>.Count)
            lanes += Vector256.LoadUnsafe(ref leftStart, (nuint)i) * Vector256.LoadUnsafe(ref rightStart, (nuint)i);

        var sum = Vector256.Sum(lanes);
        for (var i = whole; i < left.Length; i++)
            sum += left[i] * right[i];
        return sum;
    }
}
