using System.Globalization;

namespace JointFusion.Data;

/// <summary>The 256 tokens <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c> that spell what a vocabulary has no token for.</summary>
internal sealed class ByteTokens
{
    private readonly int[] ids;

    private ByteTokens(int[] ids) => this.ids = ids;

    /// <exception cref="DataException">One of them is not in the vocabulary.</exception>
    public static ByteTokens Of(IReadOnlyDictionary<string, int> vocabulary, JsonPlace place) => new([.. Enumerable.Range(0, 256).Select(value =>
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");
        return vocabulary.TryGetValue(name, out var id) ? id : throw place.Fault($"needs {name}, which the vocabulary lacks");
    })]);

    public void Spell(ReadOnlySpan<char> text, List<int> spelled)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            foreach (var value in bytes[..rune.EncodeToUtf8(bytes)])
            {
                spelled.Add(ids[value]);
            }
        }
    }
}
