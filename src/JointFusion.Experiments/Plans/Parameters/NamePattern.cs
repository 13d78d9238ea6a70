using System.Text.RegularExpressions;

namespace JointFusion.Experiments;

/// <summary>Whole names, with <c>*</c> for any characters, dots included: <c>vision_tower.*</c>.</summary>
public sealed class NamePattern(string pattern)
{
    private readonly Regex expression = new($"^{Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal)}$", RegexOptions.CultureInvariant);

    public bool Fits(string name) => expression.IsMatch(name);
}
