using System.Globalization;

namespace JointFusion.Benchmarks;

/// <summary>Repeated measurements of one thing.</summary>
internal sealed class Series
{
    private readonly List<double> values = [];

    /// <summary>NaN before the first.</summary>
    public double Median => values.Count == 0 ? double.NaN : Samples.Median(values);

    public void Add(double value) => values.Add(value);

    /// <summary>Median, then the smallest and the largest.</summary>
    /// <param name="format">Of each number.</param>
    public string Text(string format)
    {
        string Of(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        return values.Count == 0 ? "-" : $"{Of(Median)} [{Of(values.Min())}..{Of(values.Max())}]";
    }
}
