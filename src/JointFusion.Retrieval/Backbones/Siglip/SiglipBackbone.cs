using JointFusion.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>SigLIP.</summary>
public sealed class SiglipBackbone : DualEncoder
{
    private const string ScaleName = "logit_scale", BiasName = "logit_bias";

    private readonly SiglipText text;
    private readonly SiglipVision vision;
    private readonly SiglipConfig config;

    internal SiglipBackbone(SiglipConfig config, Placement placement) : base(nameof(SiglipBackbone))
    {
        if (!config.VisionConfig.VisionUseHead)
            throw new ArgumentException("SigLIP without a pooling head has no embedding of a picture.");
        this.config = config;
        register_parameter(ScaleName, placement.Unfilled(1));
        register_parameter(BiasName, placement.Unfilled(1));
        register_module("text_model", text = new SiglipText(config.TextConfig, placement));
        register_module("vision_model", vision = new SiglipVision(config.VisionConfig, placement));
    }

    private protected override Parameter LogScale => this.Registered(ScaleName);

    internal override int ImageWidth => config.VisionConfig.HiddenSize;

    internal override int TextWidth => config.TextConfig.HiddenSize;

    internal override int Channels => config.VisionConfig.NumChannels;

    internal override int PatchSize => config.VisionConfig.PatchSize;

    internal override IReadOnlyList<string> Scores => [ScaleName, BiasName];

    internal override IReadOnlyList<string> Heads => ["text_model.head.*", "vision_model.head.*"];

    internal override (int Length, long Pad)? FixedText => (config.TextConfig.MaxPositionEmbeddings, config.TextConfig.PadTokenId);

    internal override Tensor ImageStates_NPW(Tensor pixels) => vision.States_NPW(pixels, null);

    internal override Tensor TextStates_NSW(Tensor ids_NS, Tensor? present_NS) => text.States_NSW(ids_NS, present_NS, null);

    public override Tensor EncodeImage_NE(Tensor pixels, Trace? trace = null)
    {
        var pooled_NE = vision.call(pixels, trace);
        trace?.Add("pooler_output", pooled_NE);
        trace?.Add("image_features", pooled_NE);
        return pooled_NE;
    }

    public override Tensor EncodeText_NE(Tensor ids_NS, Tensor? present_NS, Trace? trace = null)
    {
        var pooled_NE = text.call(ids_NS, present_NS, trace);
        trace?.Add("pooler_output", pooled_NE);
        trace?.Add("text_features", pooled_NE);
        return pooled_NE;
    }

    private protected override Tensor Logits(Tensor text_NE, Tensor image_NE) => Scaled(text_NE, image_NE).Plus(this.Registered(BiasName));

    /// <summary>Each pair judged by itself; summed over pictures, the mean over texts.</summary>
    private protected override Tensor Loss(Tensor logitsPerText_NN)
    {
        var signs_NN = eye(logitsPerText_NN.size(0), dtype: logitsPerText_NN.dtype, device: logitsPerText_NN.device).Times(2).Shifted(-1);
        return -functional.logsigmoid(signs_NN * logitsPerText_NN).sum(-1).mean();
    }
}
