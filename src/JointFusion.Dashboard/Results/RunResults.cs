using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>Everything one run left behind that results and report are made of.</summary>
/// <param name="Rows">Of evaluation.json; empty while the run has not been evaluated.</param>
/// <param name="Outcomes">Of outcomes.jsonl; empty where the file is missing.</param>
/// <param name="Steps">Of metrics.jsonl, ascending, one entry a step: a step done again after a restart counts once, as done last.</param>
public sealed record RunResults(
    RunPlan Plan, ImmutableArray<ResultRow> Rows, ImmutableArray<QueryOutcome> Outcomes, ImmutableArray<StepMetrics> Steps)
{
    /// <summary>An attempt each; empty for runs of older versions.</summary>
    public ImmutableArray<RunProvenance> Provenance { get; init; } = [];

    public string Name => Plan.Run;
    public Fusion Fusion => Plan.Retriever.Shape.Fusion;
    public bool Evaluated => !Rows.IsEmpty;

    /// <summary>How the late retriever was sized beside the early one; empty for early fusion.</summary>
    public string MatchedBy => Plan.Retriever.Matching?.ToString().ToLowerInvariant() ?? "";
}
