using JointFusion.Experiments;

namespace JointFusion.Retrieval;

/// <summary>The module that computes what a config describes.</summary>
internal static class Backbones
{
    /// <summary>Its parameters are not filled yet.</summary>
    /// <param name="languageHead">Whether it can compute logits over the vocabulary, which no embedding needs.</param>
    public static Backbone Build(BackboneConfig config, Placement placement, bool languageHead) => config switch
    {
        ClipConfig clip => new ClipBackbone(clip, placement),
        GemmaConfig gemma => new TextBackbone(gemma.Shape, placement, languageHead),
        PaliGemmaConfig paliGemma => new PaliGemmaBackbone(paliGemma, placement, languageHead),
        Qwen2Config qwen2 => new TextBackbone(qwen2.Shape, placement, languageHead),
        Qwen2VlConfig qwen2Vl => new Qwen2VlBackbone(qwen2Vl, placement, languageHead),
        SiglipConfig siglip => new SiglipBackbone(siglip, placement),
        _ => throw new ArgumentException($"the config {config.GetType().Name} has no module"),
    };
}
