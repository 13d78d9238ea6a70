namespace JointFusion.Training;

/// <summary>How long one phase of one rank has taken, and so how long it may take.</summary>
/// <param name="unlearnt">The budget of the first visits, which compile, allocate and read what later ones find done.</param>
internal sealed class PhaseHistory(TimeSpan unlearnt)
{
    private const int VisitsToLearn = 5;
    private const int VisitsKept = 256;
    private const double OfMedian = 10;
    private const double OfLongest = 3;

    /// <summary>Below it no phase is called late: a busy machine can take a thread's core away for seconds.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(5);

    private readonly TimeSpan[] visits = new TimeSpan[VisitsKept];
    private long count;

    public void Add(TimeSpan visit) => visits[count++ % VisitsKept] = visit;

    /// <summary>The largest of 5 s, ten times the median and three times the longest of the latest 256 visits.</summary>
    public TimeSpan Budget()
    {
        if (count < VisitsToLearn)
            return unlearnt;
        var sorted = visits[..(int)Math.Min(count, VisitsKept)];
        Array.Sort(sorted);
        var median = OfMedian * sorted[sorted.Length / 2];
        var longest = OfLongest * sorted[^1];
        return new[] { Least, median, longest }.Max();
    }
}
