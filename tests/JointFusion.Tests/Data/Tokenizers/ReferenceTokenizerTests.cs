using JointFusion.Data;
using Xunit;

namespace JointFusion.Tests;

public sealed class ReferenceTokenizerTests(TokenizerReference reference) : IClassFixture<TokenizerReference>
{
    private const int Plenty = 100_000;

    [Theory]
    [InlineData("qwen", "tokenizer-qwen3")]
    [InlineData("gemma", "tokenizer-gemma3")]
    public void Should_give_the_reference_ids_When_lines_are_of_every_script(string ids, string package)
    {
        reference.Require();
        var tokenizer = TokenizerFolder.Open(reference.Vocabulary(package));
        var expected = reference.Ids(ids);
        Assert.InRange(reference.Lines.Length, 10_000, int.MaxValue);
        Assert.Equal(reference.Lines.Length, expected.Length);

        var different = Enumerable.Range(0, expected.Length).Where(i => !tokenizer.Encode(reference.Lines[i], Plenty).AsSpan().SequenceEqual(expected[i])).ToArray();
        Assert.True(different.Length == 0, $"{different.Length} of {expected.Length}, the first: {string.Join('\n', different.Take(5).Select(i => Show(i, tokenizer, expected)))}");
    }

    private string Show(int line, PretrainedTokenizer tokenizer, int[][] expected) =>
        $"\"{reference.Lines[line]}\"\n  {string.Join(' ', expected[line])}\n  {string.Join(' ', tokenizer.Encode(reference.Lines[line], Plenty))}";
}
