namespace JointFusion.Data;

/// <summary>Cuts texts into pieces that no token spans. Thread-safe.</summary>
internal interface IPreTokenizer
{
    /// <returns>In order; none is empty.</returns>
    IEnumerable<TextPiece> Split(TextPiece piece);
}
