namespace JointFusion.Dashboard;

/// <summary>Interval of a mean whose samples come in clusters: whole clusters are drawn, as queries about one concept fare alike.</summary>
internal static class ConceptBootstrap
{
    private const int Resamples = 2000;

    /// <summary>95% percentile interval; the same for the same input, whatever ran before.</summary>
    public static (double Low, double High) Interval(IReadOnlyList<double> values, IReadOnlyList<string> clusters)
    {
        var sums = values.Zip(clusters, (value, cluster) => (Value: value, Cluster: cluster))
            .GroupBy(pair => pair.Cluster, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => (Sum: group.Sum(pair => pair.Value), Count: group.Count())).ToArray();
        var random = new Random(1);
        var means = new double[Resamples];
        for (var resample = 0; resample < Resamples; resample++)
        {
            var (sum, count) = (0.0, 0);
            for (var draw = 0; draw < sums.Length; draw++)
            {
                var cluster = sums[random.Next(sums.Length)];
                (sum, count) = (sum + cluster.Sum, count + cluster.Count);
            }

            means[resample] = sum / count;
        }

        Array.Sort(means);
        return (means[(int)(0.025 * (Resamples - 1))], means[(int)(0.975 * (Resamples - 1))]);
    }
}
