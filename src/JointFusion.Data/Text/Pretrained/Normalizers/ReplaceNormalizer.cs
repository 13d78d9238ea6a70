using System.Text;

namespace JointFusion.Data;

/// <summary>Every match becomes the same text.</summary>
internal sealed class ReplaceNormalizer(TextPattern pattern, string content) : ITextNormalizer
{
    public string Normalize(string text)
    {
        var replaced = new StringBuilder(text.Length);
        var rest = 0;
        foreach (var (start, length) in pattern.Matches(text))
        {
            replaced.Append(text, rest, start - rest).Append(content);
            rest = start + length;
        }

        return rest == 0 && replaced.Length == 0 ? text : replaced.Append(text, rest, text.Length - rest).ToString();
    }
}
