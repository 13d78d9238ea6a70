using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>All that the report shows, gathered before a line of it is written.</summary>
public sealed record ReportModel(
    string Experiment,
    ImmutableArray<RunResults> Runs,
    ExperimentResults Results,
    ImmutableArray<RetrievalExample> Examples,
    DateTimeOffset WrittenAt)
{
    /// <summary>As the evaluation lists them, the headline's first.</summary>
    public ImmutableArray<string> Splits { get; } =
        [.. Results.Rows.Select(row => row.Split).Distinct().OrderBy(split => split == Headline.Split(Results.Rows.Select(r => r.Split)) ? 0 : 1)];

    public ImmutableArray<PoolKind> Pools { get; } = [.. Results.Rows.Select(row => row.Pool).Distinct().Order()];

    public string Split => Splits.FirstOrDefault() ?? "";

    /// <summary>Local where it was evaluated.</summary>
    public PoolKind Pool => Pools.FirstOrDefault();

    /// <summary>Of the composed tasks' headline figures.</summary>
    public int K => Headline.K(Results.Rows.Where(row => Operations.IsComposed(row.Task)).Select(row => row.K).Distinct());
}
