namespace JointFusion.Data;

/// <summary>Decode, convert to RGB, resize and crop, lay out.</summary>
internal sealed class ImageProcessor(ImageMode mode, IImageSizing sizing, IPixelLayout layout, ChannelScale scale) : IImageProcessor
{
    public ChannelScale Scale => scale;

    public ProcessedImage Process(string path)
    {
        using var file = PictureFile.Open(path);
        var goal = Goal(path, file);
        var decoded = mode == ImageMode.Fast ? file.DecodeNear(goal) : file.Decode();
        return layout.Arrange(BicubicResampler.Resize(decoded, goal));
    }

    private ResizeGoal Goal(string path, PictureFile file)
    {
        try
        {
            return sizing.Of(file.Width, file.Height);
        }
        catch (ArgumentException refusal)
        {
            throw new DataException($"{path}: {refusal.Message}. Leave its items out.", refusal);
        }
    }
}
