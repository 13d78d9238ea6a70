namespace JointFusion.Data;

/// <summary>CLIP's: the shorter edge to a length, the other in proportion, rounded down; of that the centre.</summary>
/// <param name="crop">At most <paramref name="edge"/> a side; null: nothing is cut off.</param>
internal sealed class ShortestEdgeSizing(int edge, (int Width, int Height)? crop) : IImageSizing
{
    public ResizeGoal Of(int width, int height)
    {
        var longest = (int)((double)((long)edge * Math.Max(width, height)) / Math.Min(width, height));
        var (resizedWidth, resizedHeight) = width <= height ? (edge, longest) : (longest, edge);
        return crop is var (cropWidth, cropHeight)
            ? new ResizeGoal(resizedWidth, resizedHeight, (resizedWidth - cropWidth) / 2, (resizedHeight - cropHeight) / 2, cropWidth, cropHeight)
            : ResizeGoal.Whole(resizedWidth, resizedHeight);
    }
}
