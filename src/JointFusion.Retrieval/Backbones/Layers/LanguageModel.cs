using JointFusion.Experiments;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>A decoder and, where asked for, its scores over the vocabulary.</summary>
internal sealed class LanguageModel : Module<DecoderInput, Trace?, Tensor>
{
    private const string TableName = "model.embed_tokens.weight", HeadName = "lm_head.weight";

    private readonly Decoder decoder;
    private readonly Projection? head;
    private readonly bool tied;

    public LanguageModel(DecoderShape shape, Placement placement, bool languageHead) : base(nameof(LanguageModel))
    {
        tied = shape.TiedHead;
        register_module("model", decoder = new Decoder(shape, placement));
        if (languageHead && !shape.TiedHead)
            register_module("lm_head", head = new Projection(shape.Width, shape.Vocabulary, false, placement));
    }

    public Decoder Decoder => decoder;

    public override Tensor forward(DecoderInput input, Trace? trace) => decoder.call(input, trace);

    /// <param name="normed">[..., W].</param>
    /// <returns>[..., V].</returns>
    public Tensor Logits(Tensor normed) => head is null ? decoder.Table.Scores(normed) : head.call(normed);

    /// <summary>Makes its parts those of a module that has no name for them in between.</summary>
    public void RegisterInto(Module owner)
    {
        owner.register_module("model", decoder);
        if (head is not null)
            owner.register_module("lm_head", head);
    }

    /// <summary>See <see cref="Backbone.Tied"/>.</summary>
    /// <param name="prefix">Of its parameters' names.</param>
    public IReadOnlyDictionary<string, string> TiedNames(string prefix) =>
        tied ? new Dictionary<string, string> { [prefix + HeadName] = prefix + TableName } : [];

    /// <summary>See <see cref="Backbone.Unused"/>.</summary>
    public IReadOnlySet<string> UnusedNames(string prefix) => tied || head is not null ? new HashSet<string>() : new HashSet<string> { prefix + HeadName };
}
