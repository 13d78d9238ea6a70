namespace JointFusion.Data;

/// <summary>Cuts a picture into patches, laid out as <see cref="ItemBatch"/> says.</summary>
internal static class PatchCutter
{
    private const int Channels = 3;

    /// <param name="rgb">Interleaved, row by row, of a square <paramref name="side"/> pixels a side.</param>
    /// <param name="patch">Pixels a side; divides <paramref name="side"/>.</param>
    public static byte[] Cut(ReadOnlySpan<byte> rgb, int side, int patch)
    {
        var patches = new byte[rgb.Length];
        var next = 0;
        for (var top = 0; top < side; top += patch)
        {
            for (var left = 0; left < side; left += patch)
            {
                for (var channel = 0; channel < Channels; channel++)
                {
                    next = CopyPlane(rgb, side, patch, (top * side) + left, channel, patches, next);
                }
            }
        }

        return patches;
    }

    private static int CopyPlane(ReadOnlySpan<byte> rgb, int side, int patch, int firstPixel, int channel, byte[] patches, int next)
    {
        for (var row = 0; row < patch; row++)
        {
            for (var column = 0; column < patch; column++)
            {
                patches[next++] = rgb[((firstPixel + (row * side) + column) * Channels) + channel];
            }
        }

        return next;
    }
}
