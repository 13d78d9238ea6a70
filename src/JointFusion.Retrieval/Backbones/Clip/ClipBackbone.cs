using JointFusion.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>CLIP.</summary>
public sealed class ClipBackbone : DualEncoder
{
    private const string ScaleName = "logit_scale";

    private readonly ClipText text;
    private readonly ClipVision vision;
    private readonly Projection projectText;
    private readonly Projection projectImage;
    private readonly ClipConfig config;

    internal ClipBackbone(ClipConfig config, Placement placement) : base(nameof(ClipBackbone))
    {
        this.config = config;
        register_parameter(ScaleName, placement.Unfilled());
        register_module("text_model", text = new ClipText(config.Text, placement));
        register_module("vision_model", vision = new ClipVision(config.Vision, placement));
        register_module("text_projection", projectText = new Projection(config.Text.HiddenSize, config.ProjectionDim, false, placement));
        register_module("visual_projection", projectImage = new Projection(config.Vision.HiddenSize, config.ProjectionDim, false, placement));
    }

    private protected override Parameter LogScale => this.Registered(ScaleName);

    internal override int ImageWidth => config.Vision.HiddenSize;

    internal override int TextWidth => config.Text.HiddenSize;

    internal override int Channels => config.Vision.NumChannels;

    internal override int PatchSize => config.Vision.PatchSize;

    internal override IReadOnlyList<string> Scores => [ScaleName];

    internal override IReadOnlyList<string> Heads => ["text_projection.weight", "visual_projection.weight"];

    internal override (int Length, long Pad)? FixedText => null;

    internal override Tensor ImageStates_NPW(Tensor pixels) => vision.States_NSW(pixels);

    internal override Tensor TextStates_NSW(Tensor ids_NS, Tensor? present_NS) => text.States_NSW(ids_NS, present_NS, null);

    public override Tensor EncodeImage_NE(Tensor pixels, Trace? trace = null)
    {
        var pooled_NW = vision.call(pixels, trace);
        var features_NE = projectImage.call(pooled_NW);
        trace?.Add("pooler_output", pooled_NW);
        trace?.Add("image_features", features_NE);
        return features_NE;
    }

    public override Tensor EncodeText_NE(Tensor ids_NS, Tensor? present_NS, Trace? trace = null)
    {
        var pooled_NW = text.call(ids_NS, present_NS, trace);
        var features_NE = projectText.call(pooled_NW);
        trace?.Add("pooler_output", pooled_NW);
        trace?.Add("text_features", features_NE);
        return features_NE;
    }

    private protected override Tensor Logits(Tensor text_NE, Tensor image_NE) => Scaled(text_NE, image_NE);

    /// <summary>Softmax over pictures for each text, and over texts for each picture.</summary>
    private protected override Tensor Loss(Tensor logitsPerText_NN)
    {
        var own_N = Scalars.Counting(0, logitsPerText_NN.size(0), logitsPerText_NN.device);
        return functional.cross_entropy(logitsPerText_NN, own_N).Plus(functional.cross_entropy(logitsPerText_NN.t(), own_N)).Over(2);
    }
}
