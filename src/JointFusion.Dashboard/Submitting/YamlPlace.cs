using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>What a caret in a YAML text stands at: a key that is being written, or a value.</summary>
/// <param name="Path">Keys down to the mapping that the key is in, or to the value; an item of a list is <see cref="Item"/>.</param>
/// <param name="Prefix">What of it stands before the caret.</param>
/// <param name="Indent">Columns before a key in block style.</param>
/// <param name="IsFlow">Whether it is within braces or brackets.</param>
/// <param name="Siblings">Keys that the mapping has; filled to the text's end.</param>
internal sealed record YamlPlace(ImmutableArray<string> Path, bool IsValue, string Prefix, int Indent, bool IsFlow, IReadOnlySet<string> Siblings)
{
    public const string Item = "[]";
}
