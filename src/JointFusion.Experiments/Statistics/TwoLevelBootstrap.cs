namespace JointFusion.Experiments;

/// <summary>
/// Percentile intervals of a mean over rows, seeds and concepts resampled together: S of the S seeds and C of the C concepts are drawn with
/// replacement, and each query of a drawn concept counts under each drawn seed (Owen 2007, "The pigeonhole bootstrap").
/// </summary>
/// <remarks>
/// It takes nothing for granted about the distribution, but counts what seeds and concepts do to each other three times over, and is too
/// narrow where seeds are few: <see cref="TwoWayEstimate"/> mends both, and stands beside it.
/// </remarks>
public static class TwoLevelBootstrap
{
    public const int DefaultResamples = 1_000;

    /// <param name="rows">The mean is over their means.</param>
    /// <returns>The mean with its 2.5th and 97.5th percentile.</returns>
    public static ConfidenceInterval Of(IReadOnlyList<PairedRow> rows, int seed = 0, int resamples = DefaultResamples)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 2);
        var sums = ConceptSums.Of(rows);
        var random = new SplitMix64((ulong)seed);
        var (ofSeeds, ofConcepts) = (new double[sums.Seeds], new double[sums.Concepts]);
        var means = new double[resamples];
        for (var resample = 0; resample < resamples; resample++)
        {
            Draw(ofSeeds, ref random);
            Draw(ofConcepts, ref random);
            means[resample] = sums.Mean(ofSeeds, ofConcepts);
        }

        Array.Sort(means);
        Array.Fill(ofSeeds, 1);
        Array.Fill(ofConcepts, 1);
        return new(sums.Mean(ofSeeds, ofConcepts), Percentiles.Of(means, 0.025), Percentiles.Of(means, 0.975));
    }

    private static void Draw(double[] weights, ref SplitMix64 random)
    {
        Array.Clear(weights);
        for (var draw = 0; draw < weights.Length; draw++)
            weights[random.Below(weights.Length)]++;
    }
}
