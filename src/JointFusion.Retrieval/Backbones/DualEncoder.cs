using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Two towers into one space, E wide, that were trained on pairs of pictures and captions.</summary>
public abstract class DualEncoder : Backbone
{
    private protected DualEncoder(string name) : base(name)
    {
    }

    /// <summary>The logarithm of what similarities are multiplied by.</summary>
    private protected abstract Parameter LogScale { get; }

    /// <summary>Of the image tower's states.</summary>
    internal abstract int ImageWidth { get; }

    /// <summary>Of the text tower's states.</summary>
    internal abstract int TextWidth { get; }

    internal abstract int Channels { get; }

    /// <summary>Pixels a side.</summary>
    internal abstract int PatchSize { get; }

    /// <summary>Patterns of the parameters that only its own similarities need.</summary>
    internal abstract IReadOnlyList<string> Scores { get; }

    /// <summary>Patterns of those that only its embeddings need.</summary>
    internal abstract IReadOnlyList<string> Heads { get; }

    /// <summary>To what length texts are filled up, and with what; null: they are not.</summary>
    internal abstract (int Length, long Pad)? FixedText { get; }

    /// <summary>All states of the image tower, normed.</summary>
    internal abstract Tensor ImageStates_NPW(Tensor pixels);

    /// <summary>All states of the text tower, normed.</summary>
    internal abstract Tensor TextStates_NSW(Tensor ids_NS, Tensor? present_NS);

    /// <param name="pixels">Normalised, [N, 3, height, width], of the tower's own size.</param>
    /// <returns>[N, E], not normalised.</returns>
    public abstract Tensor EncodeImage_NE(Tensor pixels, Trace? trace = null);

    /// <param name="ids_NS">Int64.</param>
    /// <param name="present_NS">0 where padded; null: nothing is.</param>
    /// <returns>[N, E], not normalised.</returns>
    public abstract Tensor EncodeText_NE(Tensor ids_NS, Tensor? present_NS, Trace? trace = null);

    /// <summary>Texts alone, pictures alone, or as many of both: then their similarities and the loss.</summary>
    public override void Run(BackboneInputs inputs, Trace trace)
    {
        if (inputs.Pixels is null)
            EncodeText_NE(inputs.Ids, inputs.Present_NS, trace);
        else if (inputs.Ids_NS is null)
            EncodeImage_NE(inputs.Pixels, trace);
        else
            Compare(
                functional.normalize(EncodeText_NE(inputs.Ids, inputs.Present_NS), p: 2, dim: -1), functional.normalize(EncodeImage_NE(inputs.Pixels), p: 2, dim: -1), trace);
    }

    /// <summary>[N, N], each text with each picture, before any bias.</summary>
    private protected Tensor Scaled(Tensor text_NE, Tensor image_NE) => text_NE.mm(image_NE.t()) * LogScale.exp();

    private protected abstract Tensor Logits(Tensor text_NE, Tensor image_NE);

    private protected abstract Tensor Loss(Tensor logitsPerText_NN);

    private void Compare(Tensor text_NE, Tensor image_NE, Trace trace)
    {
        var logits_NN = Logits(text_NE, image_NE);
        trace.Add("text_embeds", text_NE);
        trace.Add("image_embeds", image_NE);
        trace.Add("logits_per_text", logits_NN);
        trace.Add("logits_per_image", logits_NN.t());
        trace.Add("loss", Loss(logits_NN));
    }
}
