using System.Collections.Immutable;

namespace JointFusion.Retrieval;

/// <summary>What stands around a text and a picture in a model's sequence, in tokens.</summary>
public sealed class PromptTemplate
{
    private const string TextSlot = "{text}", ImageSlot = "{image}";
    private readonly ImmutableArray<Part> parts;

    private PromptTemplate(ImmutableArray<Part> parts) => this.parts = parts;

    public bool HasText => parts.Any(part => part.Slot == TextSlot);

    public bool HasImage => parts.Any(part => part.Slot == ImageSlot);

    /// <param name="template">Such as <c>{image}&lt;bos&gt;{text}\n</c>; each slot at most once.</param>
    /// <param name="tokenize">From a stretch between slots to tokens, special ones by their names. A text is tokenized by itself, not with its neighbours.</param>
    /// <exception cref="ArgumentException">A slot stands there twice, or there is none.</exception>
    public static PromptTemplate Parse(string template, Func<string, IReadOnlyList<int>> tokenize)
    {
        var parts = ImmutableArray.CreateBuilder<Part>();
        for (var rest = template; rest.Length > 0;)
        {
            var slot = new[] { TextSlot, ImageSlot }.Where(name => rest.Contains(name, StringComparison.Ordinal)).MinBy(name => rest.IndexOf(name, StringComparison.Ordinal));
            var stretch = slot is null ? rest : rest[..rest.IndexOf(slot, StringComparison.Ordinal)];
            if (stretch.Length > 0)
                parts.Add(new Part(null, [.. tokenize(stretch).Select(token => (long)token)]));
            if (slot is not null)
                parts.Add(new Part(slot, []));
            rest = rest[(stretch.Length + (slot?.Length ?? 0))..];
        }
        var slots = parts.Select(part => part.Slot).OfType<string>().ToArray();
        return slots.Length > 0 && slots.Distinct().Count() == slots.Length
            ? new PromptTemplate(parts.ToImmutable())
            : throw new ArgumentException($"The prompt '{template}' needs {TextSlot} or {ImageSlot}, each at most once.");
    }

    /// <summary>A text with what a tokenizer puts around it.</summary>
    public static PromptTemplate Around(IEnumerable<int> before, IEnumerable<int> after) =>
        new([new Part(null, [.. before.Select(token => (long)token)]), new Part(TextSlot, []), new Part(null, [.. after.Select(token => (long)token)])]);

    /// <param name="image">What stands for the picture; empty where there is none.</param>
    internal long[] Fill(ReadOnlyMemory<int> text, long[] image)
    {
        var tokens = new List<long>();
        foreach (var part in parts)
        {
            if (part.Slot == TextSlot)
                foreach (var token in text.Span)
                    tokens.Add(token);
            else
                tokens.AddRange(part.Slot == ImageSlot ? image : part.Tokens);
        }
        return [.. tokens];
    }

    /// <param name="Slot">Null: the tokens themselves.</param>
    private sealed record Part(string? Slot, ImmutableArray<long> Tokens);
}
