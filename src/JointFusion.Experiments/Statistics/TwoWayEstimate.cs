namespace JointFusion.Experiments;

/// <summary>A mean difference over rows, seeds and concepts, and how far it may move with other seeds and other concepts of the same kind.</summary>
/// <param name="StandardError">Over seeds and concepts together; over concepts alone where there is one seed.</param>
/// <param name="Degrees">Of freedom, after Satterthwaite.</param>
public readonly record struct TwoWayEstimate(double Value, double StandardError, double Degrees, int Seeds, int Concepts, int Queries)
{
    /// <summary>At 95%.</summary>
    public ConfidenceInterval Interval => At(0.95);

    /// <summary>Of no difference, two-sided.</summary>
    public double PValue => StandardError > 0 ? StudentT.TwoSided(Value / StandardError, Degrees) : Value == 0 ? 1 : 0;

    public ConfidenceInterval At(double confidence)
    {
        var reach = StandardError > 0 ? StandardError * StudentT.Quantile(confidence, Degrees) : 0;
        return new(Value, Value - reach, Value + reach);
    }

    /// <summary>
    /// Two one-sided tests at 5% each (Schuirmann 1987): whether the difference is shown to be smaller than the margin, either way. That is
    /// so where the interval at 90% lies within.
    /// </summary>
    public bool IsEquivalent(double margin) => At(0.9) is var interval && interval.Low > -margin && interval.High < margin;

    /// <remarks>
    /// The difference of query q under seed s is taken for a sum of what the seed, the concept and both together do, each drawn at random
    /// (two-way random effects). V(seeds) is the variance of the seeds' means over S, V(concepts) that of the concepts' shares in the mean,
    /// and both hold the variance of what is left, which is therefore taken off once: V = V(seeds) + V(concepts) - V(left), as in
    /// two-way clustered errors (Cameron, Gelbach and Miller 2011). Concepts may have any number of queries, in several rows: each share is
    /// linearised around its row's mean.
    /// </remarks>
    public static TwoWayEstimate Of(IReadOnlyList<PairedRow> rows)
    {
        var sums = ConceptSums.Of(rows);
        var (seeds, concepts) = (sums.Seeds, sums.Concepts);
        var shares = Shares(sums, out var ofSeed);
        var mean = ofSeed.Average();
        var ofConcept = Enumerable.Range(0, concepts).Select(c => shares.Average(seed => seed[c])).ToArray();

        var overConcepts = concepts > 1 ? concepts / (concepts - 1.0) * ofConcept.Sum(share => share * share) : 0;
        var overSeeds = seeds > 1 ? ofSeed.Sum(value => (value - mean) * (value - mean)) / (seeds * (seeds - 1.0)) : 0;
        var left = seeds > 1 && concepts > 1
            ? shares.Sum(seed => seed.Zip(ofConcept, (share, common) => (share - common) * (share - common)).Sum())
                / ((double)seeds * seeds) * (seeds / (seeds - 1.0)) * (concepts / (concepts - 1.0))
            : 0;
        var variance = Math.Max(overSeeds + overConcepts - left, Math.Max(overSeeds, overConcepts));
        return new(mean, Math.Sqrt(variance), Satterthwaite(variance, overSeeds, seeds, overConcepts, concepts), seeds, concepts, rows.Sum(row => row.Queries));
    }

    /// <summary>[seed][concept]: what a concept adds to the seed's mean beyond what it would if all concepts were alike.</summary>
    private static double[][] Shares(ConceptSums sums, out double[] ofSeed)
    {
        var shares = Enumerable.Range(0, sums.Seeds).Select(_ => new double[sums.Concepts]).ToArray();
        ofSeed = new double[sums.Seeds];
        for (var row = 0; row < sums.Sums.Length; row++)
        {
            var (counts, queries) = (sums.Counts[row], sums.Counts[row].Sum());
            for (var seed = 0; seed < sums.Seeds; seed++)
            {
                var mean = sums.Sums[row][seed].Sum() / queries;
                ofSeed[seed] += mean / sums.Sums.Length;
                for (var concept = 0; concept < sums.Concepts; concept++)
                    shares[seed][concept] += (sums.Sums[row][seed][concept] - (counts[concept] * mean)) / queries / sums.Sums.Length;
            }
        }

        return shares;
    }

    private static double Satterthwaite(double variance, double overSeeds, int seeds, double overConcepts, int concepts)
    {
        var spread = (seeds > 1 ? overSeeds * overSeeds / (seeds - 1) : 0) + (concepts > 1 ? overConcepts * overConcepts / (concepts - 1) : 0);
        return spread > 0 ? Math.Max(1, variance * variance / spread) : 1;
    }
}
