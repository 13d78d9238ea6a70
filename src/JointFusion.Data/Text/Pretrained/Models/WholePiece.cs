using Microsoft.ML.Tokenizers;

namespace JointFusion.Data;

/// <summary>Cuts nothing: pieces reach the model as the tokenizer.json cut them.</summary>
/// <remarks>Without one Microsoft.ML.Tokenizers cuts at white space, which it then drops.</remarks>
internal sealed class WholePiece : PreTokenizer
{
    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text) => [(0, text.Length)];

    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text) => [(0, text.Length)];
}
