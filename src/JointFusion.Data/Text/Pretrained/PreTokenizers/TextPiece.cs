namespace JointFusion.Data;

/// <summary>A part of a text, on its way to the model.</summary>
/// <param name="AtStart">It begins where the text began.</param>
internal readonly record struct TextPiece(string Text, bool AtStart)
{
    public TextPiece Part(int start, int length) => new(Text.Substring(start, length), AtStart && start == 0);
}
