using System.Collections.Immutable;
using System.Text.RegularExpressions;
using JointFusion.Experiments;

namespace JointFusion.Data;

/// <summary>Tokenizer and image processor of a published model: how items come to be what it takes.</summary>
/// <param name="Pictures">Null where the model takes none.</param>
public sealed partial record BackboneItems(PretrainedTokenizer Tokenizer, ProcessedPatches? Pictures)
{
    /// <param name="maxPixels">See <see cref="RetrieverSpec.MaxPixels"/>.</param>
    /// <param name="mode">See <see cref="RetrieverSpec.ImageMode"/>.</param>
    /// <exception cref="DataException">A file is missing, or has a part that is not supported.</exception>
    public static BackboneItems Open(string folder, BackboneShape model, int? maxPixels, ImageMode mode) => new(
        TokenizerFolder.Open(folder),
        model.Vision is null ? null : ImageProcessorFolder.OpenPatches(folder, mode, model.PatchSize, maxPixels));

    /// <summary>What planning needs to know of the folder that a valid spec names.</summary>
    /// <inheritdoc cref="Open"/>
    public static BackboneSummary Summarize(RetrieverSpec retriever)
    {
        var folder = retriever.Backbone ?? throw new ArgumentException("The spec names no backbone.", nameof(retriever));
        var config = BackboneConfig.Read(folder);
        var model = config.Describe();
        var items = Open(folder, model, retriever.MaxPixels, retriever.ImageMode);
        return new BackboneSummary(
            folder, BackboneContent.HashOf(folder), config, items.Pictures?.MostPatches ?? 0,
            model.IsDual ? items.Tokenizer.Around.Before.Length + items.Tokenizer.Around.After.Length : 0, [.. items.Faults(retriever, model)]);
    }

    /// <summary>Texts to ids, without what the tokenizer puts around them.</summary>
    public ITextTokenizer Texts => new PartTokenizer(Tokenizer);

    /// <summary>Loads items as the model takes them: a text is given without what the tokenizer puts around it.</summary>
    public ItemLoader Loader(MbeirDataset data, int maxTextTokens, long cacheBytes = ItemLoader.DefaultCacheBytes) =>
        new(data, Texts, Pictures ?? (IPicturePatches)new NoPictures(), maxTextTokens, cacheBytes);

    private IEnumerable<BackboneFault> Faults(RetrieverSpec retriever, BackboneShape model)
    {
        const string folder = "retriever.backbone";
        if (Tokenizer.VocabularySize > model.Vocabulary)
            yield return new(folder, $"its tokenizer has ids up to {Tokenizer.VocabularySize - 1}, its config.json a table of {model.Vocabulary} rows: they do not belong together");
        if (model.Patches is { } patches && Pictures!.MostPatches != patches)
            yield return new(folder, $"its preprocessor_config.json makes pictures of {Pictures.MostPatches} patches, its config.json has places for {patches}: they do not belong together");
        if (retriever.PoolingToken is { } token && Tokenizer.IdOf(token) is null)
            yield return new("retriever.pooling_token", $"'{token}' is no token of the backbone; tokens are written as in its tokenizer.json");
        foreach (var (name, template) in Templates(retriever.Prompt))
            foreach (var written in SpecialToken().Matches(template).Select(match => match.Value).Where(written => Tokenizer.IdOf(written) is null))
                yield return new($"retriever.prompt.{name}", $"{written} is no token of the backbone; tokens are written as in its tokenizer.json");
    }

    private static ImmutableArray<(string Name, string Template)> Templates(PromptTemplates? prompt) =>
        prompt is null ? [] : [("text", prompt.Text), ("image", prompt.Image ?? ""), ("both", prompt.Both ?? "")];

    /// <summary>What is written like a special token of these models: a slip there would train on its letters.</summary>
    [GeneratedRegex(@"<[|/]?[A-Za-z_][\w]*[|]?>")]
    private static partial Regex SpecialToken();

    private sealed class NoPictures : IPicturePatches
    {
        public int PatchBytes => 1;

        public CutPicture Cut(string path) => throw new DataException($"{path}: the backbone takes no pictures; leave the tasks with pictures out.");
    }
}
