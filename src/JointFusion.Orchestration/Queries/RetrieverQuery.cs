using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>What a trained retriever is asked.</summary>
/// <param name="RunFolder">Absolute.</param>
/// <param name="Step">Of the checkpoint; null: the newest whole one.</param>
/// <param name="Picture">Absolute path of a picture file, which the asker removes when it has its answer; pictures themselves never cross the link.</param>
/// <param name="Task">Of M-BEIR: the answer is looked for among its candidates alone. Null: among all.</param>
/// <param name="Top">Hits at most.</param>
public sealed record RetrieverQuery(string RunFolder, int? Step, string? Text, string? Picture, int? Task, int Top);

/// <param name="Step">Of the checkpoint that has answered.</param>
/// <param name="Instruction">Put before the text; null: none.</param>
/// <param name="Pool">local or global.</param>
/// <param name="PoolSize">Candidates that were searched.</param>
/// <param name="Hits">By falling score.</param>
public sealed record RetrieverAnswer(int Step, string? Instruction, string Pool, int PoolSize, ImmutableArray<RetrieverHit> Hits);

/// <param name="Rank">From 1.</param>
/// <param name="Did">Id of the candidate.</param>
/// <param name="Score">Cosine.</param>
public sealed record RetrieverHit(int Rank, string Did, double Score, string? Text, bool HasPicture);

/// <param name="Doing">Such as "embedding the candidates".</param>
/// <param name="Total">0: not known.</param>
public sealed record QueryProgress(string Doing, int Done, int Total);
