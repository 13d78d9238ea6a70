using JointFusion.Experiments;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>A language model by itself: Qwen2 or Gemma.</summary>
public sealed class TextBackbone : SequenceBackbone
{
    private readonly LanguageModel language;
    private readonly bool languageHead;

    internal TextBackbone(DecoderShape shape, Placement placement, bool languageHead) : base(nameof(TextBackbone))
    {
        this.languageHead = languageHead;
        Width = shape.Width;
        language = new LanguageModel(shape, placement, languageHead);
        language.RegisterInto(this);
        Tied = language.TiedNames("");
        Unused = language.UnusedNames("");
    }

    public override int Width { get; }

    internal override IReadOnlyDictionary<string, string> Tied { get; }

    internal override IReadOnlySet<string> Unused { get; }

    /// <param name="ids_NS">Int64.</param>
    /// <param name="present_NS">0 where padded; null: nothing is.</param>
    /// <param name="causal">Whether a token sees only those before it, as in its pretraining.</param>
    /// <returns>[N, S, W], normed.</returns>
    public Tensor Encode_NSW(Tensor ids_NS, Tensor? present_NS, bool causal = true, Trace? trace = null)
    {
        var places_R = Scalars.Counting(0, ids_NS.size(1), ids_NS.device).repeat(ids_NS.size(0));
        var packing = new BackboneInputs { Ids_NS = ids_NS, Present_NS = present_NS }.Packing(causal);
        return packing.Only(language.call(new DecoderInput(language.Decoder.Table.call(ids_NS.reshape(-1)), places_R, packing), trace));
    }

    public override void Run(BackboneInputs inputs, Trace trace)
    {
        var last_NSW = Encode_NSW(inputs.Ids, inputs.Present_NS, causal: true, trace);
        if (languageHead)
            trace.Add("logits", language.Logits(last_NSW));
    }

    internal override long[] ImageTokens(int patches) => throw new ArgumentException("A language model by itself takes no pictures.");

    internal override Tensor Encode_RW(PackedSequences sequences, IReadOnlyList<Pictures> pictures, bool causal) => pictures.Count == 0
        ? language.call(new DecoderInput(language.Decoder.Table.call(sequences.Ids_R), sequences.Places_R(0), sequences.Packing(causal)), null)
        : throw new ArgumentException("A language model by itself takes no pictures.");
}
