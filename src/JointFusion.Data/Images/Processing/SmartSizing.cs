namespace JointFusion.Data;

/// <summary>Qwen2-VL's: sides are multiples of a factor, near the picture's own, with an area between two bounds.</summary>
/// <remarks>
/// <c>smart_resize</c> of transformers 4.57: a side below the factor is allowed and no side ever becomes 0. Version 4.51 refused the one and gave the
/// other; all else is the same in both. Halves round to even, as Python rounds.
/// </remarks>
internal sealed class SmartSizing(int factor, int minPixels, int maxPixels) : IImageSizing
{
    private const int MaximumAspect = 200;

    /// <summary>Of a result.</summary>
    public int MaxPixels => maxPixels;

    public ResizeGoal Of(int width, int height)
    {
        if (Math.Max(width, height) / (double)Math.Min(width, height) > MaximumAspect)
            throw new PictureShapeException($"one side is more than {MaximumAspect} times the other, which Qwen2-VL refuses");
        var (newHeight, newWidth) = (Nearest(height), Nearest(width));
        var (pixels, area) = ((double)height * width, (long)newHeight * newWidth);
        if (area > maxPixels)
        {
            var shrink = Math.Sqrt(pixels / maxPixels);
            (newHeight, newWidth) = (Below(height / shrink), Below(width / shrink));
        }
        else if (area < minPixels)
        {
            var stretch = Math.Sqrt(minPixels / pixels);
            (newHeight, newWidth) = (Above(height * stretch), Above(width * stretch));
        }

        return ResizeGoal.Whole(newWidth, newHeight);
    }

    private int Nearest(int side) => (int)Math.Round((double)side / factor, MidpointRounding.ToEven) * factor;

    private int Below(double side) => Math.Max(factor, (int)Math.Floor(side / factor) * factor);

    private int Above(double side) => (int)Math.Ceiling(side / factor) * factor;
}
