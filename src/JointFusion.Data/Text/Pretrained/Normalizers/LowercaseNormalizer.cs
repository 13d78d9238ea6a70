namespace JointFusion.Data;

/// <summary>Each character by itself in lower case, as the tokenizers library does it.</summary>
/// <remarks>So a sigma at a word's end becomes σ, never ς, unlike in JavaScript and Python. İ is the one character whose lower case is two.</remarks>
internal sealed class LowercaseNormalizer : ITextNormalizer
{
    public string Normalize(string text) => text.Replace("\u0130", "i\u0307", StringComparison.Ordinal).ToLowerInvariant();
}
