using JointFusion.Experiments;

namespace JointFusion.Data;

/// <summary>Pictures as a pretrained vision tower takes them, cut into its patches and not normalised yet.</summary>
public sealed class ProcessedPatches : IPicturePatches
{
    private readonly ImageProcessor processor;

    internal ProcessedPatches(ImageMode mode, IImageSizing sizing, ChannelLevels scale, int patchSize, int mostPixels)
    {
        processor = new ImageProcessor(mode, sizing, new RowPatchLayout(patchSize), scale);
        PatchBytes = RgbPicture.Channels * patchSize * patchSize;
        MostPatches = mostPixels / (patchSize * patchSize);
    }

    public int PatchBytes { get; }

    /// <summary>Of one picture.</summary>
    public int MostPatches { get; }

    public CutPicture Cut(string path)
    {
        var image = processor.Process(path);
        return new CutPicture(image.Pixels, image.Grid!.Columns);
    }
}
