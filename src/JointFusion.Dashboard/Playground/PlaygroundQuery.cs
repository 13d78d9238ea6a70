using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>What somebody asks a trained retriever: a text, a picture, or both.</summary>
/// <param name="Experiment">With its <paramref name="Run"/>.</param>
/// <param name="Step">Of the checkpoint; null: the newest whole one.</param>
/// <param name="Picture">The bytes of a file, base64 in JSON; null: none.</param>
/// <param name="Task">Of M-BEIR: the answer is looked for among its candidates alone, and the retriever is told its instruction if it was trained with them. Null: among all.</param>
/// <param name="Top">Hits at most.</param>
public sealed record PlaygroundQuery(string Experiment, string Run, int? Step, string? Text, byte[]? Picture, int? Task, int Top)
{
    public const int LongestText = 2000, LargestPicture = 8 << 20, MostHits = 50;

    /// <summary>Why it cannot be asked; null: it can, as far as is known here.</summary>
    public string? Fault => this switch
    {
        { Text: null or "", Picture: null or [] } => "Nothing is asked: give a text, a picture, or both.",
        { Text.Length: > LongestText } => $"The text has {Text.Length:N0} characters; {LongestText:N0} are allowed.",
        { Picture.Length: > LargestPicture } => $"The picture has {Picture.Length >> 20} MiB; {LargestPicture >> 20} are allowed.",
        { Top: < 1 or > MostHits } => $"top is from 1 to {MostHits}.",
        _ => null,
    };
}

/// <param name="Step">Of the checkpoint that has answered.</param>
/// <param name="Instruction">Put before the text; null: none.</param>
/// <param name="Pool">local: the task's own candidates; global: all.</param>
/// <param name="PoolSize">Candidates that were searched.</param>
/// <param name="Hits">By falling score.</param>
public sealed record PlaygroundAnswer(string Run, int Step, string? Instruction, string Pool, int PoolSize, ImmutableArray<PlaygroundHit> Hits);

/// <param name="Rank">From 1.</param>
/// <param name="Did">Id of the candidate in its data set.</param>
/// <param name="Score">Cosine, -1 to 1.</param>
public sealed record PlaygroundHit(int Rank, string Did, double Score, string? Text, bool HasPicture);
