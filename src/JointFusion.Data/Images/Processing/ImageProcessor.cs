using JointFusion.Experiments;

namespace JointFusion.Data;

/// <summary>Decode, convert to RGB, resize and crop, lay out.</summary>
internal sealed class ImageProcessor(ImageMode mode, IImageSizing sizing, IPixelLayout layout, ChannelLevels scale) : IImageProcessor
{
    public ChannelLevels Scale => scale;

    public ProcessedImage Process(string path)
    {
        try
        {
            using var file = PictureFile.Open(path, sizing.Of, mode, out var goal);
            var target = layout.Begin(goal.KeptWidth, goal.KeptHeight);
            BicubicResampler.Resize(file, goal, target);
            return target.Done();
        }
        catch (PictureShapeException refusal)
        {
            throw new DataException($"{path}: {refusal.Message}. Leave its items out.", refusal);
        }
    }
}
