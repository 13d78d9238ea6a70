namespace JointFusion.Retrieval;

/// <summary>The pictures and the texts of a batch by group, null where it has none, as sequences for one tower: together, or each by itself.</summary>
internal sealed class ItemParts(IReadOnlyList<TokenSequence?> images, IReadOnlyList<TokenSequence?> texts)
{
    /// <returns>By group.</returns>
    public IReadOnlyList<TokenSequence> Joined() => [.. images.Zip(texts, (image, text) => (image, text) switch
    {
        (not null, not null) => TokenSequence.Join(image, text),
        _ => One(image, text),
    })];

    /// <returns>Group by group, a picture before its text: without an item of both, in the very order of <see cref="Joined"/>, and so the same to the last bit.</returns>
    public IReadOnlyList<TokenSequence> Apart() => [.. images.Zip(texts).SelectMany(IEnumerable<TokenSequence> (group) => group switch
    {
        (not null, not null) => [group.First, group.Second],
        _ => [One(group.First, group.Second)],
    })];

    /// <summary>What came of <see cref="Apart"/>, group by group.</summary>
    /// <param name="one">Of a group with pictures or texts alone.</param>
    /// <param name="both">Of a group with both, the picture's output first.</param>
    public IReadOnlyList<T> ByGroup<T>(IReadOnlyList<TokenSequence> outputs, Func<TokenSequence, T> one, Func<TokenSequence, TokenSequence, T> both)
    {
        var next = 0;
        return [.. images.Zip(texts, (image, text) => image is null || text is null ? one(outputs[next++]) : both(outputs[next++], outputs[next++]))];
    }

    private static TokenSequence One(TokenSequence? image, TokenSequence? text) => image ?? text ?? throw new ArgumentException("Neither picture nor text.");
}
