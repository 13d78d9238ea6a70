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

    internal override IReadOnlyList<TokenSequence?> Images(IReadOnlyList<ModalityGroup> groups) => Each(groups, text: false, Sequences);

    internal override IReadOnlyList<TokenSequence?> Texts(IReadOnlyList<ModalityGroup> groups) => Each(groups, text: true, Sequences);

    internal override IReadOnlyList<Tensor?> EmbedImages(IReadOnlyList<ModalityGroup> groups) => Each(groups, text: false, Embeddings);

    internal override IReadOnlyList<Tensor?> EmbedTexts(IReadOnlyList<ModalityGroup> groups) => Each(groups, text: true, Embeddings);

    /// <param name="text">Whether texts are shown, or pictures; groups without have no result.</param>
    /// <param name="results">From states, and the number of sequences of each group that has some, to its result.</param>
    private IReadOnlyList<T?> Each<T>(IReadOnlyList<ModalityGroup> groups, bool text, Func<PromptedStates, int[], IEnumerable<T>> results) where T : class
    {
        bool Shows(ModalityGroup group) => (text ? group.Tokens_NT : group.Patches_NPX) is not null;
        ModalityGroup[] shown = [.. groups.Where(Shows)];
        if (shown.Length == 0)
            return new T?[groups.Count];
        var states = prompted.Encode(shown, backbone.parameters().First().device, withText: text, withImage: !text);
        var parts = new Queue<T>(results(states, [.. shown.Select(group => group.Count)]));
        return [.. groups.Select(group => Shows(group) ? parts.Dequeue() : null)];
    }

    private static IEnumerable<TokenSequence> Sequences(PromptedStates states, int[] counts) => states.Sequences.Padded(states.States_RW.Widened(), counts);

    private IEnumerable<Tensor> Embeddings(PromptedStates states, int[] counts) =>
        states.Sequences.Pool_NW(states.States_RW, pooling).Widened().split([.. counts.Select(count => (long)count)], 0);
}
