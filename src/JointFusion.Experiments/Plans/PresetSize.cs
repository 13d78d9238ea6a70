namespace JointFusion.Experiments;

/// <summary>What a preset fixes: the early tower, and what all fusions of the preset share.</summary>
/// <param name="Early">The one tower of early fusion; the late towers take its depth and heads, and are sized to match it.</param>
/// <param name="EmbeddingWidth">E, of the embedding.</param>
/// <param name="PatchSize">P, pixels a side; picture sizes are multiples of it.</param>
/// <param name="MaxTextTokens">Texts are cut to this many tokens.</param>
public sealed record PresetSize(TransformerShape Early, int EmbeddingWidth, int PatchSize, int MaxTextTokens)
{
    /// <summary>Blocks of feature fusion's third transformer: a quarter of the towers' depth.</summary>
    public int FusionLayers => Math.Max(1, Early.Layers / 4);

    /// <summary>Without the token table the early towers hold about 0.19 M (nano), 5 M (tiny) and 26 M (small) parameters.</summary>
    /// <param name="layers">Blocks of the early tower; null: as many as the preset has.</param>
    public static PresetSize Of(Preset preset, int? layers = null) => layers is { } depth ? Of(preset).At(depth) : preset switch
    {
        Preset.Nano => new(new(Layers: 2, Width: 96, Heads: 4, MlpWidth: 192), EmbeddingWidth: 128, PatchSize: 8, MaxTextTokens: 24),
        Preset.Tiny => new(new(Layers: 6, Width: 256, Heads: 8, MlpWidth: 1024), EmbeddingWidth: 256, PatchSize: 8, MaxTextTokens: 48),
        Preset.Small => new(new(Layers: 8, Width: 512, Heads: 8, MlpWidth: 2048), EmbeddingWidth: 512, PatchSize: 16, MaxTextTokens: 64),
        _ => throw new ArgumentOutOfRangeException(nameof(preset), preset, "A preset without a size."),
    };

    private PresetSize At(int depth) => this with { Early = Early with { Layers = depth } };
}
