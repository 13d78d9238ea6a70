namespace JointFusion.Experiments;

/// <summary>Student's t distribution, at any positive number of degrees of freedom; infinitely many are the normal distribution.</summary>
public static class StudentT
{
    /// <summary>Beyond this the distribution is the normal one to eight digits.</summary>
    private const double ManyDegrees = 1e8;

    /// <summary>How likely a value at least as far from zero as <paramref name="t"/> is, on either side.</summary>
    public static double TwoSided(double t, double degrees)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(degrees);
        if (double.IsInfinity(t)) return 0;
        degrees = Math.Min(degrees, ManyDegrees);
        // Abramowitz and Stegun 26.5.27.
        return IncompleteBeta(degrees / 2, 0.5, degrees / (degrees + (t * t)));
    }

    /// <summary>The value beyond which, on both sides together, lies 1 - <paramref name="confidence"/>: 1.96 at 0.95 and many degrees.</summary>
    public static double Quantile(double confidence, double degrees)
    {
        if (confidence is <= 0 or >= 1) throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "Between 0 and 1.");
        var (low, high) = (0.0, 1.0);
        while (TwoSided(high, degrees) > 1 - confidence)
            high *= 2;
        for (var halving = 0; halving < 100; halving++)
        {
            var middle = (low + high) / 2;
            (low, high) = TwoSided(middle, degrees) > 1 - confidence ? (middle, high) : (low, middle);
        }

        return (low + high) / 2;
    }

    /// <summary>Regularized, by its continued fraction (Abramowitz and Stegun 26.5.8), which converges quickly below the mean.</summary>
    private static double IncompleteBeta(double a, double b, double x)
    {
        if (x is <= 0 or >= 1) return Math.Clamp(x, 0, 1);
        if (x > (a + 1) / (a + b + 2)) return 1 - IncompleteBeta(b, a, 1 - x);
        var front = Math.Exp((a * Math.Log(x)) + (b * Math.Log(1 - x)) + LogGamma(a + b) - LogGamma(a) - LogGamma(b)) / a;
        return front / Fraction(a, b, x);
    }

    /// <summary>1 + d1/(1 + d2/(1 + ...)), evaluated from the far end.</summary>
    private static double Fraction(double a, double b, double x)
    {
        const int terms = 400;
        var value = 1.0;
        for (var n = terms; n >= 1; n--)
        {
            var m = n / 2;
            var d = n % 2 == 0
                ? m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m)))
                : -(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1));
            value = 1 + (d / value);
        }

        return value;
    }

    /// <summary>Stirling's series (Abramowitz and Stegun 6.1.41) after shifting the argument to where it is exact to double precision.</summary>
    private static double LogGamma(double x)
    {
        var shift = 0.0;
        for (; x < 15; x++)
            shift += Math.Log(x);
        var inverse = 1 / (x * x);
        var series = ((1.0 / 12) - (inverse * ((1.0 / 360) - (inverse * ((1.0 / 1260) - (inverse / 1680)))))) / x;
        return ((x - 0.5) * Math.Log(x)) - x + (0.5 * Math.Log(2 * Math.PI)) + series - shift;
    }
}
