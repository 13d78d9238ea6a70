namespace JointFusion.Dashboard;

/// <param name="From">From 1, counted over the whole run.</param>
/// <param name="To">Included.</param>
internal readonly record struct StepRange(int From, int To)
{
    public long Length => Math.Max(0, (long)To - From + 1);

    public bool Has(int step) => step >= From && step <= To;

    public StepRange UpTo(int last) => this with { To = Math.Min(To, last) };
}
