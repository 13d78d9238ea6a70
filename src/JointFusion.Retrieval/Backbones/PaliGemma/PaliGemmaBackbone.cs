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
        var isImage_NS = ids_NS.EqualTo(config.ImageTokenIndex);
        // Where the image token lies beyond the table, any row will do: it is replaced.
        var embedded_NSW = language.Decoder.Table.call(ids_NS.FilledWhere(isImage_NS, 0));
        if (inputs.Pixels is not null)
            embedded_NSW = embedded_NSW.WithImages(isImage_NS, EncodeImage_NPW(inputs.Pixels).flatten(0, 1));
        var places_1S = Scalars.Counting(1, ids_NS.size(1), ids_NS.device).unsqueeze(0);
        return language.call(new DecoderInput(embedded_NSW, places_1S, Blocked(inputs)), trace);
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

    internal override Tensor Encode_NSW(Tensor ids_NS, Tensor? present_NS, Tensor? patches_NPX, int columns, bool causal) => Encode_NSW(new BackboneInputs
    {
        Ids_NS = ids_NS,
        Present_NS = present_NS,
        Pixels = patches_NPX is null ? null : PictureLayout.Whole(patches_NPX, columns, config.VisionConfig.NumChannels, config.VisionConfig.PatchSize),
        Suffix_NS = causal ? ones_like(ids_NS) : null,
    });

    private static Tensor? Blocked(BackboneInputs inputs) => inputs.Suffix_NS is { } suffix_NS
        ? AttentionMask.BlockedSuffix(inputs.Present_NS, suffix_NS)
        : AttentionMask.Blocked(inputs.Present_NS, causal: false, inputs.Ids.size(1), inputs.Ids.device);

    /// <summary>Each place predicts the token after it; the mean over those that have a label.</summary>
    private static Tensor Loss(Tensor logits_NSV, Tensor labels_NS)
    {
        var ahead = logits_NSV.size(1) - 1;
        return functional.cross_entropy(
            logits_NSV.narrow(1, 0, ahead).flatten(0, 1), labels_NS.narrow(1, 1, ahead).reshape(-1), ignore_index: NoLabel);
    }
}
