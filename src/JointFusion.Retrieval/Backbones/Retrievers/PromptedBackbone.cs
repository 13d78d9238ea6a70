using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>How a language model is asked for states of items.</summary>
/// <param name="Scale">Of its pictures; null where it takes none.</param>
/// <param name="Causal">Whether a token sees only those before it; PaliGemma was trained without, the others with.</param>
public sealed record PromptedBackbone(SequenceBackbone Model, Prompts Prompts, ChannelScale? Scale, bool Causal)
{
    /// <summary>The states of every item's sequence, of its text, its picture or both.</summary>
    /// <param name="withText">Whether a text that is there is shown.</param>
    /// <param name="withImage">Whether a picture that is there is shown.</param>
    internal (Tensor States_NSW, PaddedTokens Tokens) Encode(ModalityGroup group, Device device, bool withText = true, bool withImage = true)
    {
        var hasText = withText && group.Tokens_NT is not null;
        var patches_NPX = withImage ? group.Patches_NPX : null;
        var template = (hasText, patches_NPX) switch
        {
            (true, not null) => Prompts.Both,
            (true, null) => Prompts.Text,
            _ => Prompts.Image,
        };
        var image = patches_NPX is null ? [] : Model.ImageTokens((int)patches_NPX.size(1));
        var tokens = PaddedTokens.Of([.. group.Texts.Select(text => template.Fill(text, image))], device);
        var scaled_NPX = patches_NPX is null ? null : (Scale ?? throw new ArgumentException("Pictures, but no scale of their channels.")).Apply(patches_NPX);
        return (Model.Encode_NSW(tokens.Ids_NS, tokens.Present_NS, scaled_NPX, group.Columns, Causal), tokens);
    }
}
