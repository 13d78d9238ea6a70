namespace JointFusion.Experiments;

/// <summary>What one attempt of a run was computed by, on and from: a line of provenance.jsonl in the run's folder.</summary>
/// <param name="At">When its ranks had found each other.</param>
/// <param name="Version">Of jf.</param>
/// <param name="Commit">That it was built from; null: the build does not say.</param>
/// <param name="Binary">Identity of all that computes digits; equal ones give equal bits on equal processors.</param>
/// <param name="Data">Hash of the data set's manifest.</param>
/// <param name="Host">Of rank 0.</param>
/// <param name="Processor">Of that host, with the width of its vectors.</param>
/// <param name="Driver">Of its GPUs; null: it has none, or it is not known.</param>
public sealed record RunProvenance(
    int Generation, DateTimeOffset At, string Version, string? Commit, string Binary, string Data, string ScienceHash, string PlanHash, int Workers, string Device,
    string Host, string System, string Runtime, string Processor, string? Driver);
