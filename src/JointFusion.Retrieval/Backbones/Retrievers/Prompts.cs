namespace JointFusion.Retrieval;

/// <summary>A template for each mix of modalities: recipes word them differently, such as "Summarize above image in one word:".</summary>
public sealed record Prompts
{
    /// <exception cref="ArgumentException">A template has not exactly the slots of its modalities.</exception>
    public Prompts(PromptTemplate text, PromptTemplate image, PromptTemplate both)
    {
        Require(text, hasText: true, hasImage: false, "text alone");
        Require(image, hasText: false, hasImage: true, "a picture alone");
        Require(both, hasText: true, hasImage: true, "both");
        (Text, Image, Both) = (text, image, both);
    }

    public PromptTemplate Text { get; }

    public PromptTemplate Image { get; }

    public PromptTemplate Both { get; }

    /// <param name="tokenize">See <see cref="PromptTemplate.Parse"/>.</param>
    /// <exception cref="ArgumentException">A template has not exactly the slots of its modalities.</exception>
    public static Prompts Parse(string text, string image, string both, Func<string, IReadOnlyList<int>> tokenize) =>
        new(PromptTemplate.Parse(text, tokenize), PromptTemplate.Parse(image, tokenize), PromptTemplate.Parse(both, tokenize));

    private static void Require(PromptTemplate template, bool hasText, bool hasImage, string what)
    {
        if (template.HasText != hasText || template.HasImage != hasImage)
            throw new ArgumentException($"The prompt of {what} must have the slots of {what}, and no other.");
    }
}
