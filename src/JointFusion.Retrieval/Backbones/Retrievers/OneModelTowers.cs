using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Both towers are one published model with one set of weights: it sees the picture alone, then the text alone. Beside <see cref="OneTowerEncoder"/> over the same model nothing differs but when they meet.</summary>
public sealed class OneModelTowers : Towers
{
    private readonly PromptedBackbone prompted;
    private readonly SequenceBackbone backbone;
    private readonly SequencePooling pooling;

    public OneModelTowers(PromptedBackbone prompted, SequencePooling pooling) : base(nameof(OneModelTowers))
    {
        (this.prompted, this.pooling) = (prompted, pooling);
        register_module(nameof(backbone), backbone = prompted.Model);
    }

    internal override int ImageWidth => backbone.Width;

    internal override int TextWidth => backbone.Width;

    internal override void FreezeHeads()
    {
        // There are none: the embedding is one of the states.
    }

    internal override TokenSequence Image(ModalityGroup group) => Sequence(Encode(group, text: false));

    internal override TokenSequence Text(ModalityGroup group) => Sequence(Encode(group, text: true));

    internal override Tensor EmbedImage_NE(ModalityGroup group) => Pooled_NW(Encode(group, text: false));

    internal override Tensor EmbedText_NE(ModalityGroup group) => Pooled_NW(Encode(group, text: true));

    private (Tensor States_NSW, PaddedTokens Tokens) Encode(ModalityGroup group, bool text) =>
        prompted.Encode(group, backbone.parameters().First().device, withText: text, withImage: !text);

    private static TokenSequence Sequence((Tensor States_NSW, PaddedTokens Tokens) encoded) => new(encoded.States_NSW.Widened(), encoded.Tokens.Present_NS);

    private Tensor Pooled_NW((Tensor States_NSW, PaddedTokens Tokens) encoded) => pooling.Pool_NW(encoded.States_NSW, encoded.Tokens).Widened();
}
