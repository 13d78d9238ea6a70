using JointFusion.Experiments;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Pictures of one size that were cut into patches, row by row, in the order that a tower takes: N pictures, X = C p p, channel by channel.</summary>
internal static class PictureLayout
{
    /// <returns>[N, C, height, width].</returns>
    public static Tensor Whole(Tensor patches_NPX, int columns, int channels, int patchSize)
    {
        var rows = Rows(patches_NPX, columns);
        return patches_NPX.view(-1, rows, columns, channels, patchSize, patchSize).permute(0, 3, 1, 4, 2, 5).reshape(-1, channels, rows * patchSize, columns * patchSize);
    }

    /// <summary>Merge block by merge block, each patch as often as it has frames: what Qwen2-VL's processor makes of a still.</summary>
    /// <returns>[N P, C times pixels].</returns>
    public static Tensor Blocks(Tensor patches_NPX, int columns, Qwen2VlVisionConfig config)
    {
        var (rows, merge) = (Rows(patches_NPX, columns), config.SpatialMergeSize);
        if (rows % merge != 0 || columns % merge != 0)
            throw new ArgumentException($"A picture of {rows} x {columns} patches cannot be merged {merge} x {merge}.");
        var pixels = config.PatchSize * config.PatchSize;
        var blocks = patches_NPX.view(-1, rows / merge, merge, columns / merge, merge, config.InChannels, pixels).permute(0, 1, 3, 2, 4, 5, 6);
        return blocks.unsqueeze(6).expand(-1, -1, -1, -1, -1, -1, config.TemporalPatchSize, -1).reshape(-1, config.PatchWidth);
    }

    /// <exception cref="ArgumentException">The patches do not fill whole rows.</exception>
    public static int Rows(Tensor patches_NPX, int columns)
    {
        var count = (int)patches_NPX.size(1);
        return columns > 0 && count % columns == 0 ? count / columns : throw new ArgumentException($"{count} patches are no rows of {columns}.");
    }
}
