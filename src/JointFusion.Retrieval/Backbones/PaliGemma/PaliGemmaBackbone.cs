using JointFusion.Experiments;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>PaliGemma: a picture's patches stand in place of image tokens in Gemma's sequence.</summary>
public sealed class PaliGemmaBackbone : SequenceBackbone
{
    private const long NoLabel = -100;

    private readonly SiglipTower vision;
    private readonly ImageProjector projector;
    private readonly LanguageModel language;
    private readonly PaliGemmaConfig config;
    private readonly bool languageHead;

    internal PaliGemmaBackbone(PaliGemmaConfig config, Placement placement, bool languageHead) : base(nameof(PaliGemmaBackbone))
    {
        this.config = config;
        this.languageHead = languageHead;
        register_module("vision_tower", vision = new SiglipTower(config.VisionConfig, placement));
        register_module("multi_modal_projector", projector = new ImageProjector(config.VisionConfig.HiddenSize, config.ProjectionDim, placement));
        register_module("language_model", language = new LanguageModel(config.TextConfig.Shape, placement, languageHead));
        Tied = language.TiedNames("language_model.");
        Unused = language.UnusedNames("language_model.");
    }

    public override int Width => config.TextConfig.HiddenSize;

    internal override IReadOnlyDictionary<string, string> Tied { get; }

    internal override IReadOnlySet<string> Unused { get; }

    /// <param name="pixels">Normalised, [N, 3, height, width], of the tower's own size.</param>
    /// <returns>[N, P, W], ready to stand among embedded tokens.</returns>
    public Tensor EncodeImage_NPW(Tensor pixels, Trace? trace = null)
    {
        var projected_NPW = projector.call(vision.call(pixels, trace?.Within("vision")));
        var features_NPW = projected_NPW.Over(Math.Sqrt(config.TextConfig.HiddenSize));
        trace?.Add("projected", projected_NPW);
        trace?.Add("image_features", features_NPW);
        return features_NPW;
    }

    /// <param name="inputs">Ids, with as many image tokens as pictures have patches. All see all; a suffix is causal.</param>
    /// <returns>[N, S, W], normed.</returns>
    /// <exception cref="ArgumentException">Image tokens and patches differ in number.</exception>
    public Tensor Encode_NSW(BackboneInputs inputs, Trace? trace = null)
    {
        var ids_NS = inputs.Ids;
        var embedded_RW = Embed_RW(ids_NS.reshape(-1));
        if (inputs.Pixels is not null)
            embedded_RW = embedded_RW.WithImages(ids_NS.PlacesOf(config.ImageTokenIndex), EncodeImage_NPW(inputs.Pixels).flatten(0, 1));
        var places_R = Scalars.Counting(1, ids_NS.size(1), ids_NS.device).repeat(ids_NS.size(0));
        var packing = inputs.Suffix_NS is { } suffix_NS
            ? new Packing([new PackedGroup((int)ids_NS.size(0), (int)ids_NS.size(1), AttentionMask.BlockedSuffix(inputs.Present_NS, suffix_NS).logical_not())], causal: false)
            : inputs.Packing(causal: false);
        return packing.Only(language.call(new DecoderInput(embedded_RW, places_R, packing), trace));
    }

    public override void Run(BackboneInputs inputs, Trace trace)
    {
        if (inputs.Ids_NS is null)
        {
            EncodeImage_NPW(inputs.Pixels ?? throw new ArgumentException("There are neither input_ids nor pixel_values."), trace);
            return;
        }
        var last_NSW = Encode_NSW(inputs, trace);
        if (!languageHead)
            return;
        var logits_NSV = language.Logits(last_NSW);
        trace.Add("logits", logits_NSV);
        if (inputs.Labels_NS is { } labels_NS)
            trace.Add("loss", Loss(logits_NSV, labels_NS));
    }

    internal override long[] ImageTokens(int patches) => patches == config.VisionConfig.Patches
        ? [.. Enumerable.Repeat(config.ImageTokenIndex, patches)]
        : throw new ArgumentException($"A picture of {patches} patches; the tower has places for {config.VisionConfig.Patches}.");

    internal override Tensor Encode_RW(PackedSequences sequences, IReadOnlyList<Pictures> pictures, bool causal)
    {
        var embedded_RW = Embed_RW(sequences.Ids_R);
        if (pictures.Count > 0)
        {
            var places_I = sequences.RowsOf(config.ImageTokenIndex, pictures.SelectMany(size => size.Sequences));
            var pixels = Packing.Join(pictures.Select(size => PictureLayout.Whole(size.Patches_NPX, size.Columns, config.VisionConfig.NumChannels, config.VisionConfig.PatchSize)));
            embedded_RW = embedded_RW.WithImages(places_I, EncodeImage_NPW(pixels).flatten(0, 1));
        }
        return language.call(new DecoderInput(embedded_RW, sequences.Places_R(1), sequences.Packing(causal)), null);
    }

    /// <summary>Where the image token lies beyond the table, any row will do: it is replaced.</summary>
    private Tensor Embed_RW(Tensor ids_R) => language.Decoder.Table.call(ids_R.FilledWhere(ids_R.EqualTo(config.ImageTokenIndex), 0));

    /// <summary>Each place predicts the token after it; the mean over those that have a label.</summary>
    private static Tensor Loss(Tensor logits_NSV, Tensor labels_NS)
    {
        var ahead = logits_NSV.size(1) - 1;
        return functional.cross_entropy(
            logits_NSV.narrow(1, 0, ahead).flatten(0, 1), labels_NS.narrow(1, 1, ahead).reshape(-1), ignore_index: NoLabel);
    }
}
