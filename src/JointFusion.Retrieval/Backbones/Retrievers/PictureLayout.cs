using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Square pictures that were cut into patches, row by row, in the order that a tower takes: N pictures, X = C p p, channel by channel.</summary>
internal static class PictureLayout
{
    /// <returns>[N, C, height, width].</returns>
    public static Tensor Whole(Tensor patches_NPX, int channels, int patchSize)
    {
        var side = Side(patches_NPX);
        return patches_NPX.view(-1, side, side, channels, patchSize, patchSize).permute(0, 3, 1, 4, 2, 5).reshape(-1, channels, side * patchSize, side * patchSize);
    }

    /// <summary>Merge block by merge block, each patch as often as it has frames: what Qwen2-VL's processor makes of a still.</summary>
    /// <returns>[N P, C times pixels].</returns>
    public static Tensor Blocks(Tensor patches_NPX, Qwen2VlVisionConfig config)
    {
        var (side, merge) = (Side(patches_NPX), config.SpatialMergeSize);
        if (side % merge != 0)
            throw new ArgumentException($"A picture of {side} x {side} patches cannot be merged {merge} x {merge}.");
        var pixels = config.PatchSize * config.PatchSize;
        var blocks = patches_NPX.view(-1, side / merge, merge, side / merge, merge, config.InChannels, pixels).permute(0, 1, 3, 2, 4, 5, 6);
        return blocks.unsqueeze(6).expand(-1, -1, -1, -1, -1, -1, config.TemporalPatchSize, -1).reshape(-1, config.PatchWidth);
    }

    /// <summary>Patches a side.</summary>
    /// <exception cref="ArgumentException">The picture is not square.</exception>
    public static int Side(Tensor patches_NPX)
    {
        var count = (int)patches_NPX.size(1);
        var side = (int)Math.Round(Math.Sqrt(count));
        return side * side == count ? side : throw new ArgumentException($"A picture of {count} patches is not square.");
    }
}
