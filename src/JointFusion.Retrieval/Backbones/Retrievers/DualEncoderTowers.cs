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

    internal override TokenSequence Image(ModalityGroup group) => new(backbone.ImageStates_NPW(Pixels(group)).Widened(), null);

    internal override TokenSequence Text(ModalityGroup group)
    {
        var tokens = Tokens(group);
        return new(backbone.TextStates_NSW(tokens.Ids_NS, tokens.Present_NS).Widened(), tokens.Present_NS);
    }

    internal override Tensor EmbedImage_NE(ModalityGroup group) => backbone.EncodeImage_NE(Pixels(group)).Widened();

    internal override Tensor EmbedText_NE(ModalityGroup group)
    {
        var tokens = Tokens(group);
        return backbone.EncodeText_NE(tokens.Ids_NS, tokens.Present_NS).Widened();
    }

    private Tensor Pixels(ModalityGroup group)
    {
        var patches_NPX = group.Patches_NPX ?? throw new ArgumentException("The group holds no pictures.", nameof(group));
        return PictureLayout.Whole(scale.Apply(patches_NPX), group.Columns, backbone.Channels, backbone.PatchSize);
    }

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
