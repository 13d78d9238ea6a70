using JointFusion.Experiments;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Late fusion over published models: by score, the sum of both parts' embeddings (UniIR's CLIP_SF), or by feature, a small transformer over both parts' states (CLIP_FF).</summary>
public sealed class TwoTowerEncoder : Module<IReadOnlyList<ModalityGroup>, Tensor>
{
    private readonly Towers towers;
    private readonly ModalityWeights? weights;
    private readonly FeatureFusion? fusion;

    private TwoTowerEncoder(Towers towers, ModalityWeights? weights, FeatureFusion? fusion) : base(nameof(TwoTowerEncoder))
    {
        register_module(nameof(towers), this.towers = towers);
        if (weights is not null)
            register_module(nameof(weights), this.weights = weights);
        if (fusion is not null)
            register_module(nameof(fusion), this.fusion = fusion);
    }

    public static TwoTowerEncoder ByScore(Towers towers, ModalityWeighting weighting = ModalityWeighting.Equal) =>
        new(towers, weighting == ModalityWeighting.Learned ? new ModalityWeights() : null, null);

    /// <param name="fusion">Of the transformer over both, which is new: nobody has published its weights.</param>
    /// <param name="seed">Of them.</param>
    public static TwoTowerEncoder ByFeature(Towers towers, TransformerShape fusion, int embeddingWidth, int seed)
    {
        var module = new FeatureFusion(fusion, towers.ImageWidth, towers.TextWidth, embeddingWidth, Precision.Fp32);
        Initialization.Draw(module, seed);
        towers.FreezeHeads();
        return new TwoTowerEncoder(towers, null, module);
    }

    /// <returns>[N, E], not yet normalised; the groups' items one after the other.</returns>
    public override Tensor forward(IReadOnlyList<ModalityGroup> groups) => fusion is null
        ? cat(towers.EmbedImages(groups).Zip(towers.EmbedTexts(groups), Sum_NE).ToArray(), 0)
        : fusion.call(towers.Images(groups), towers.Texts(groups));

    private Tensor Sum_NE(Tensor? image_NE, Tensor? text_NE) => weights is null ? ModalityWeights.Sum(image_NE, text_NE) : weights.call(image_NE, text_NE);
}
