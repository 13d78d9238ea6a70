namespace JointFusion.Experiments;

internal static class Percentiles
{
    /// <summary>Linear between the two nearest of ascending values.</summary>
    public static double Of(double[] ascending, double share)
    {
        var position = share * (ascending.Length - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, ascending.Length - 1);
        return ascending[below] + ((position - below) * (ascending[above] - ascending[below]));
    }
}
