using System.Collections.Immutable;
using JointFusion.Data;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>Small global batches with what a loss must leave out, free unit vectors, and differences.</summary>
internal static class LossCases
{
    private const int Width = 6;

    /// <summary>Candidates of each row, its positive first, and all positives of its query.</summary>
    public static readonly (int[] Candidates, int[] Positives)[] Plain = [([10], [10]), ([11], [11]), ([12], [12]), ([13], [13])];

    /// <summary>Row 0's candidate stands again in row 2; row 3's candidate is a second positive of row 1.</summary>
    public static readonly (int[] Candidates, int[] Positives)[] Repeated = [([10], [10]), ([11], [11, 13]), ([10], [10]), ([13], [13])];

    /// <summary>Row 0 brings two hard negatives, the second of which is row 1's positive; row 2 brings one, row 1 none.</summary>
    public static readonly (int[] Candidates, int[] Positives)[] Hard = [([10, 20, 11], [10]), ([11], [11]), ([12, 21], [12])];

    public static (int[], int[])[] Rows(string name) => name switch { "plain" => Plain, "repeated" => Repeated, _ => Hard };

    public static BatchLayout Layout((int[] Candidates, int[] Positives)[] rows, int rank = 0, int world = 1) =>
        new([.. rows.Select(row => row.Candidates.ToImmutableArray())], [.. rows.Select(row => row.Positives.ToImmutableArray())], rank, world);

    public static double[][] Unit(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            double[] row = [.. Enumerable.Range(0, Width).Select(_ => random.NextDouble() - 0.5)];
            var norm = Math.Sqrt(row.Sum(value => value * value));
            return row.Select(value => value / norm).ToArray();
        })];
    }

    public static Tensor Tensor(double[][] rows) => tensor(rows.SelectMany(row => row).ToArray(), [rows.Length, Width]);

    public static double[] Differences(double[][] inputs, Func<double> loss) => [.. inputs.SelectMany(row => row.Select((value, place) =>
    {
        var difference = Difference(step =>
        {
            row[place] = value + step;
            return loss();
        });
        row[place] = value;
        return difference;
    }))];

    public static double Difference(Func<double, double> loss) => (loss(1e-5) - loss(-1e-5)) / 2e-5;

    public static bool Near(double expected, double actual) => Math.Abs(expected - actual) < 1e-8;
}
