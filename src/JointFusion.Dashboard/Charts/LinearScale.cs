using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>Maps data onto pixels along one axis, linearly. The range may run backwards, as SVG's y axis does.</summary>
public sealed record LinearScale(double DomainLow, double DomainHigh, double RangeLow, double RangeHigh)
{
    /// <summary>A domain widened to whole ticks; a single value gets room around it.</summary>
    public static LinearScale Nice(double low, double high, double rangeLow, double rangeHigh, int ticks)
    {
        if (high - low < 1e-9)
            (low, high) = (low - 0.5, high + 0.5);
        var step = TickStep(high - low, ticks);
        return new LinearScale(Math.Floor(low / step) * step, Math.Ceiling(high / step) * step, rangeLow, rangeHigh);
    }

    public double At(double value) => RangeLow + (value - DomainLow) / (DomainHigh - DomainLow) * (RangeHigh - RangeLow);

    /// <summary>About so many round values (1, 2 or 5 times a power of ten) inside the domain.</summary>
    public ImmutableArray<double> Ticks(int about)
    {
        var step = TickStep(DomainHigh - DomainLow, about);
        var first = (long)Math.Ceiling(DomainLow / step - 1e-9);
        var last = (long)Math.Floor(DomainHigh / step + 1e-9);
        var builder = ImmutableArray.CreateBuilder<double>();
        for (var i = first; i <= last; i++)
            builder.Add(Math.Round(i * step, 10));
        return builder.ToImmutable();
    }

    private static double TickStep(double span, int about)
    {
        var rough = span / Math.Max(1, about);
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 } * power;
    }
}
