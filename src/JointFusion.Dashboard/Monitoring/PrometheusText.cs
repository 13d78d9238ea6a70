using System.Globalization;
using System.Text;

namespace JointFusion.Dashboard;

/// <summary>Prometheus' text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).</summary>
internal sealed class PrometheusText
{
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";
    private readonly StringBuilder text = new();

    /// <summary>A value that goes up and down.</summary>
    public void Gauge(string name, string help, params IEnumerable<Sample> samples) => Family(name, "gauge", help, samples);

    /// <summary>A value that goes up alone, until its process ends.</summary>
    public void Counter(string name, string help, params IEnumerable<Sample> samples) => Family(name, "counter", help, samples);

    /// <param name="bounds">Upper ones, ascending; the last bucket, which has none, is not among them.</param>
    /// <param name="counts">Of each bucket by itself, the one without a bound too.</param>
    public void Histogram(string name, string help, IReadOnlyList<double> bounds, IReadOnlyList<long> counts, double sum)
    {
        Head(name, "histogram", help);
        var below = 0L;
        for (var i = 0; i < counts.Count; i++)
        {
            below += counts[i];
            Line($"{name}_bucket", new Sample(below, ("le", i < bounds.Count ? Number(bounds[i]) : "+Inf")));
        }
        Line($"{name}_sum", new Sample(sum));
        Line($"{name}_count", new Sample(below));
    }

    public override string ToString() => text.ToString();

    private void Family(string name, string kind, string help, IEnumerable<Sample> samples)
    {
        Head(name, kind, help);
        foreach (var sample in samples)
            Line(name, sample);
    }

    private void Head(string name, string kind, string help) => text.Append($"# HELP {name} {help.Replace("\\", "\\\\", StringComparison.Ordinal)}\n# TYPE {name} {kind}\n");

    private void Line(string name, Sample sample)
    {
        text.Append(name);
        if (sample.Labels.Length > 0)
            text.Append('{').AppendJoin(',', sample.Labels.Select(label => $"{label.Name}=\"{Escaped(label.Value)}\"")).Append('}');
        text.Append(' ').Append(Number(sample.Value)).Append('\n');
    }

    private static string Escaped(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };
}

/// <summary>One value of a family.</summary>
internal sealed record Sample(double Value, params (string Name, string Value)[] Labels);
