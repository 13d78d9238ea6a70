using System.Globalization;

namespace JointFusion.Benchmarks;

/// <summary>Repeated measurements of one thing.</summary>
internal sealed class Series
{
    private readonly List<double> values = [];

    /// <summary>NaN before the first.</summary>
    public double Median
    {
        get
        {
            double[] sorted = [.. values.Order()];
            return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        }
    }

    public void Add(double value) => values.Add(value);

    /// <summary>Median, then the smallest and the largest.</summary>
    /// <param name="format">Of each number.</param>
    public string Text(string format)
    {
        string Of(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        return values.Count == 0 ? "-" : $"{Of(Median)} [{Of(values.Min())}..{Of(values.Max())}]";
    }
}
