namespace JointFusion.Data;

/// <summary>One after the other, each on the pieces of the one before.</summary>
internal sealed class PreTokenizerSequence(IPreTokenizer[] steps) : IPreTokenizer
{
    public IEnumerable<TextPiece> Split(TextPiece piece) =>
        steps.Aggregate(Enumerable.Repeat(piece, 1), (pieces, step) => pieces.SelectMany(step.Split));
}
