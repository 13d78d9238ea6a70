using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>How a language model is asked for states of items.</summary>
/// <param name="Scale">Of its pictures; null where it takes none.</param>
/// <param name="Causal">Whether a token sees only those before it; PaliGemma was trained without, the others with.</param>
public sealed record PromptedBackbone(SequenceBackbone Model, Prompts Prompts, ChannelScale? Scale, bool Causal)
{
    /// <summary>The states of every item's sequence, of its text, its picture or both, all in one pass.</summary>
    /// <param name="groups">Their items one after the other.</param>
    /// <param name="withText">Whether a text that is there is shown.</param>
    /// <param name="withImage">Whether a picture that is there is shown.</param>
    internal PromptedStates Encode(IReadOnlyList<ModalityGroup> groups, Device device, bool withText = true, bool withImage = true)
    {
        var (filled, pictures) = (new List<long[]>(), new List<Pictures>());
        foreach (var group in groups)
        {
            var patches_NPX = withImage ? group.Patches_NPX : null;
            if (patches_NPX is not null)
                pictures.Add(new Pictures(Scaled(patches_NPX), group.Columns, filled.Count));
            var template = TemplateOf(withText && group.Tokens_NT is not null, patches_NPX is not null);
            var image = patches_NPX is null ? [] : Model.ImageTokens((int)patches_NPX.size(1));
            filled.AddRange(group.Texts.Select(text => template.Fill(text, image)));
        }
        var sequences = PackedSequences.Of(filled, device);
        return new PromptedStates(Model.Encode_RW(sequences, pictures, Causal), sequences);
    }

    private PromptTemplate TemplateOf(bool text, bool image) => (text, image) switch
    {
        (true, true) => Prompts.Both,
        (true, false) => Prompts.Text,
        _ => Prompts.Image,
    };

    private Tensor Scaled(Tensor patches_NPX) => (Scale ?? throw new ArgumentException("Pictures, but no scale of their channels.")).Apply(patches_NPX);
}
