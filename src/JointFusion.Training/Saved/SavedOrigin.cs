using System.Collections.Immutable;

namespace JointFusion.Training;

/// <summary>Where a retriever's weights come from: what its results must say of them.</summary>
/// <param name="Step">Steps done, counted over the whole run.</param>
/// <param name="Seed">Null: an export of an older version, which does not say; so with <paramref name="Stages"/>.</param>
/// <param name="Stages">Those that were trained up to the step, the last one perhaps in part.</param>
/// <param name="Ledger">Chained hash of the ids of every global batch it was trained on.</param>
public sealed record SavedOrigin(string Experiment, string Run, int Step, int? Seed, ImmutableArray<TrainedStage>? Stages, string Ledger, string PlanHash)
{
    /// <summary>Whether its last stage put instructions before the queries' texts, so that it wants them still.</summary>
    public bool Instructions => Stages is { IsEmpty: false } stages && stages[^1].Instructions;
}

/// <param name="Instructions">Whether its queries carried instructions.</param>
public sealed record TrainedStage(string Name, bool Instructions);
