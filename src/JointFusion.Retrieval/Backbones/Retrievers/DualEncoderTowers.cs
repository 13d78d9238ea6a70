using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>The towers of CLIP or SigLIP.</summary>
public sealed class DualEncoderTowers : Towers
{
    private readonly DualEncoder backbone;
    private readonly PromptTemplate prompt;
    private readonly ChannelScale scale;

    /// <param name="prompt">Of texts: what the model's tokenizer puts around them.</param>
    public DualEncoderTowers(DualEncoder backbone, PromptTemplate prompt, ChannelScale scale) : base(nameof(DualEncoderTowers))
    {
        if (!prompt.HasText || prompt.HasImage)
            throw new ArgumentException("The prompt of a text tower must have the slot of a text, and no other.", nameof(prompt));
        (this.prompt, this.scale) = (prompt, scale);
        register_module(nameof(backbone), this.backbone = backbone);
        Freezing.Freeze(backbone, backbone.Scores); // a retriever has a temperature and a bias of its own
    }

    internal override int ImageWidth => backbone.ImageWidth;

    internal override int TextWidth => backbone.TextWidth;

    internal override void FreezeHeads() => Freezing.Freeze(backbone, backbone.Heads);

    internal override IReadOnlyList<TokenSequence?> Images(IReadOnlyList<ModalityGroup> groups) =>
        OfPictures(groups, pixels => new TokenSequence(backbone.ImageStates_NPW(pixels).Widened(), null));

    internal override IReadOnlyList<TokenSequence?> Texts(IReadOnlyList<ModalityGroup> groups) =>
        OfTexts(groups, tokens => new TokenSequence(backbone.TextStates_NSW(tokens.Ids_NS, tokens.Present_NS).Widened(), tokens.Present_NS));

    internal override IReadOnlyList<Tensor?> EmbedImages(IReadOnlyList<ModalityGroup> groups) => OfPictures(groups, pixels => backbone.EncodeImage_NE(pixels).Widened());

    internal override IReadOnlyList<Tensor?> EmbedTexts(IReadOnlyList<ModalityGroup> groups) =>
        OfTexts(groups, tokens => backbone.EncodeText_NE(tokens.Ids_NS, tokens.Present_NS).Widened());

    private IReadOnlyList<T?> OfPictures<T>(IReadOnlyList<ModalityGroup> groups, Func<Tensor, T> work) where T : class => [.. groups.Select(group => group.Patches_NPX is { } patches_NPX
        ? work(PictureLayout.Whole(scale.Apply(patches_NPX), group.Columns, backbone.Channels, backbone.PatchSize))
        : null)];

    private IReadOnlyList<T?> OfTexts<T>(IReadOnlyList<ModalityGroup> groups, Func<PaddedTokens, T> work) where T : class =>
        [.. groups.Select(group => group.Tokens_NT is null ? null : work(Tokens(group)))];

    /// <summary>A model that was trained on texts of one length, padding and all, has them so here, and nothing of it is masked.</summary>
    private PaddedTokens Tokens(ModalityGroup group)
    {
        long[][] sequences = [.. group.Texts.Select(text => prompt.Fill(text, []))];
        var device = backbone.parameters().First().device;
        return backbone.FixedText is { } fixedText
            ? PaddedTokens.Of(sequences, device, fixedText.Pad, fixedText.Length) with { Present_NS = null }
            : PaddedTokens.Of(sequences, device);
    }
}
