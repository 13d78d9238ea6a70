using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>What a search has found, and what was asked.</summary>
/// <param name="Instruction">That was put before the query's text; null: none.</param>
/// <param name="Pool">Local: the task's own candidates; global: all.</param>
/// <param name="PoolSize">Candidates that were searched.</param>
/// <param name="OwnPictureLeftOut">Whether the query's picture is one of the data set, so that candidates that show it were left out, as evaluations do.</param>
/// <param name="Hits">By falling score.</param>
public sealed record SearchAnswer(string? Instruction, PoolKind Pool, int PoolSize, bool OwnPictureLeftOut, ImmutableArray<SearchHit> Hits);

/// <param name="Rank">From 1.</param>
/// <param name="Id">Of the candidate in its data set.</param>
/// <param name="Score">Cosine of its embedding and the query's, -1 to 1.</param>
/// <param name="Modality">text, image or image,text.</param>
/// <param name="Image">Relative to the data set's root.</param>
public sealed record SearchHit(int Rank, string Id, float Score, string Modality, string? Text, string? Image);
