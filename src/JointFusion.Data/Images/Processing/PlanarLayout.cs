namespace JointFusion.Data;

/// <summary>One plane a channel: [3, height, width].</summary>
internal sealed class PlanarLayout : IPixelLayout
{
    public ProcessedImage Arrange(RgbPicture picture)
    {
        var plane = picture.Width * picture.Height;
        var pixels = new byte[RgbPicture.Channels * plane];
        var red = pixels.AsSpan(0, plane);
        var green = pixels.AsSpan(plane, plane);
        var blue = pixels.AsSpan(2 * plane, plane);
        ReadOnlySpan<byte> source = picture.Pixels.AsSpan(0, RgbPicture.Channels * plane);
        for (int i = 0, from = 0; i < red.Length; i++, from += RgbPicture.Channels)
        {
            red[i] = source[from];
            green[i] = source[from + 1];
            blue[i] = source[from + 2];
        }

        return new ProcessedImage { Pixels = pixels, Shape = [RgbPicture.Channels, picture.Height, picture.Width], ChannelRun = plane };
    }
}
