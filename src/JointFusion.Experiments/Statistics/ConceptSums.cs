using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>Rows summed up by concept: all that means over them are made of.</summary>
/// <param name="Sums">[row][seed][concept]: of the differences.</param>
/// <param name="Counts">[row][concept]: of the queries.</param>
internal sealed record ConceptSums(ImmutableArray<double[][]> Sums, ImmutableArray<double[]> Counts, int Seeds, int Concepts)
{
    /// <exception cref="ArgumentException">There is no row, or one has no query, no seed, or not as many as the others.</exception>
    public static ConceptSums Of(IReadOnlyList<PairedRow> rows)
    {
        if (rows.Count == 0 || rows.Any(row => row.Queries == 0 || row.Seeds == 0 || row.Seeds != rows[0].Seeds || row.Differences.Any(seed => seed.Length != row.Queries)))
            throw new ArgumentException("Rows need queries and seeds, the same seeds in all, and a value for each of them.", nameof(rows));
        // Sorted, so that sums do not depend on the order of queries.
        var index = rows.SelectMany(row => row.Concepts).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select((name, i) => (name, i)).ToDictionary(entry => entry.name, entry => entry.i, StringComparer.Ordinal);
        return new(
            [.. rows.Select(row => row.Differences.Select(seed => Sum(row.Concepts, seed, index)).ToArray())],
            [.. rows.Select(row => Sum(row.Concepts, [.. Enumerable.Repeat(1.0, row.Queries)], index))],
            rows[0].Seeds,
            index.Count);
    }

    /// <summary>Mean over the rows of each row's mean over its queries, for weights of seeds and concepts.</summary>
    /// <remarks>A row that has no query of the weighted concepts says nothing; were there none, the mean is 0.</remarks>
    public double Mean(ReadOnlySpan<double> ofSeeds, ReadOnlySpan<double> ofConcepts)
    {
        var (total, rows, seeds) = (0.0, 0, 0.0);
        foreach (var weight in ofSeeds)
            seeds += weight;
        for (var row = 0; row < Sums.Length; row++)
        {
            if (Dot(ofConcepts, Counts[row]) is not (> 0 and var queries)) continue;
            var sum = 0.0;
            for (var seed = 0; seed < Seeds; seed++)
            {
                if (ofSeeds[seed] > 0) sum += ofSeeds[seed] * Dot(ofConcepts, Sums[row][seed]);
            }

            (total, rows) = (total + (sum / seeds / queries), rows + 1);
        }

        return rows == 0 ? 0 : total / rows;
    }

    private static double[] Sum(ImmutableArray<string> concepts, ImmutableArray<double> values, Dictionary<string, int> index)
    {
        var sums = new double[index.Count];
        for (var query = 0; query < values.Length; query++)
            sums[index[concepts[query]]] += values[query];
        return sums;
    }

    private static double Dot(ReadOnlySpan<double> weights, double[] values)
    {
        var sum = 0.0;
        for (var i = 0; i < values.Length; i++)
            sum += weights[i] * values[i];
        return sum;
    }
}
