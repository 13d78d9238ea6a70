using JointFusion.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Device = TorchSharp.torch.Device;

namespace JointFusion.Retrieval;

/// <summary>Qwen2-VL's vision tower: pictures of any sizes end to end, places as rotations by row and column, patches merged at the end.</summary>
internal sealed class VisionTower : Module<Tensor, PatchGrid[], Trace?, Tensor>, IRecomputing
{
    private const double Theta = 10_000;

    private readonly FlatPatches embed;
    private readonly ModuleList<VisionBlock> blocks;
    private readonly PatchMerger merger;
    private readonly Qwen2VlVisionConfig config;

    public VisionTower(Qwen2VlVisionConfig config, Placement placement) : base(nameof(VisionTower))
    {
        this.config = config;
        register_module("patch_embed", embed = new FlatPatches(config, placement));
        register_module("blocks", blocks = ModuleList(Enumerable.Range(0, config.Depth).Select(_ => new VisionBlock(config, placement)).ToArray()));
        register_module("merger", merger = new PatchMerger(config, placement));
    }

    public bool Recompute { private get; set; }

    /// <param name="patches_RX">Flattened and normalised, in the order of <see cref="PatchGrid.Places"/>; within one channel, time, row, column.</param>
    /// <param name="grids">Of the pictures.</param>
    /// <returns>[R / merge^2, W], the decoder's width.</returns>
    /// <exception cref="ArgumentException">The grids are not those of the patches.</exception>
    public override Tensor forward(Tensor patches_RX, PatchGrid[] grids, Trace? trace)
    {
        if (grids.Sum(grid => (long)grid.Count) != patches_RX.size(0))
            throw new ArgumentException($"{patches_RX.size(0)} patches, but the grids of their pictures have {grids.Sum(grid => (long)grid.Count)}.");
        var angles_RF = Angles_RF(grids, patches_RX.device);
        trace?.Add("rot_pos_emb", angles_RF);
        var rotation = Rotation.By(angles_RF, ScalarType.Float32);
        var packing = Packing.Of(grids.SelectMany(grid => Enumerable.Repeat(grid.Height * grid.Width, grid.Time)));
        var tokens_RW = embed.call(patches_RX);
        trace?.Add("patch_embed", tokens_RW);
        for (var i = 0; i < blocks.Count; i++)
        {
            var block = blocks[i];
            tokens_RW = Recomputation.Call(Recompute, block, states_RW => block.call(states_RW, rotation, packing), tokens_RW);
            trace?.Add($"block.{i}", tokens_RW);
        }
        var merged = merger.call(tokens_RW);
        trace?.Add("image_embeds", merged);
        return merged;
    }

    /// <returns>Half of the angles by row, half by column; F = half of a head's width.</returns>
    private Tensor Angles_RF(PatchGrid[] grids, Device device)
    {
        var frequencies = Rotation.Frequencies(config.EmbedDim / config.NumHeads / 4, Theta, device);
        var places = new List<float>(2 * grids.Sum(grid => grid.Count));
        foreach (var (row, column) in grids.SelectMany(grid => grid.Places(config.SpatialMergeSize)))
            places.AddRange(row, column);
        return (tensor(places.ToArray()).Sent(device).view(-1, 2, 1) * frequencies).flatten(1);
    }
}
