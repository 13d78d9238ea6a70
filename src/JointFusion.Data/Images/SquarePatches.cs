namespace JointFusion.Data;

/// <summary>Every picture squeezed into one square.</summary>
internal sealed class SquarePatches : IPicturePatches
{
    private readonly IImageDecoder decoder;
    private readonly int imageSize;
    private readonly int patchSize;

    /// <param name="imageSize">Pixels a side; a multiple of <paramref name="patchSize"/>.</param>
    /// <param name="patchSize">Pixels a side.</param>
    public SquarePatches(IImageDecoder decoder, int imageSize, int patchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(patchSize, 1);
        if (imageSize < patchSize || imageSize % patchSize != 0)
        {
            throw new ArgumentException($"{imageSize} pixels cannot be cut into patches of {patchSize}.", nameof(imageSize));
        }

        (this.decoder, this.imageSize, this.patchSize) = (decoder, imageSize, patchSize);
    }

    public int PatchBytes => RgbPicture.Channels * patchSize * patchSize;

    public CutPicture Cut(string path) => new(PatchCutter.Cut(decoder.Decode(path, imageSize), imageSize, patchSize), imageSize / patchSize);
}
