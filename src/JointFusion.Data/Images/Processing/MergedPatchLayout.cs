namespace JointFusion.Data;

/// <summary>Qwen2-VL's: a row for each patch, [patches, 3 * frames * patch * patch], the patches of one later token next to each other.</summary>
/// <remarks>
/// Order of the patches: rows of blocks, blocks, rows in the block, columns in the block, a block being merge x merge patches that become one
/// token. Within a patch: channels, frames, rows, columns. A picture is a film of equal frames.
/// </remarks>
/// <param name="patch">Pixels a side.</param>
/// <param name="frames">Of one patch.</param>
/// <param name="merge">Patches a side of a block.</param>
internal sealed class MergedPatchLayout(int patch, int frames, int merge) : IPixelLayout
{
    public ProcessedImage Arrange(RgbPicture picture)
    {
        var (rows, columns) = (picture.Height / patch, picture.Width / patch);
        var length = RgbPicture.Channels * frames * patch * patch;
        var pixels = new byte[rows * columns * length];
        var next = 0;
        for (var block = 0; block < rows * columns / (merge * merge); block++)
        {
            var (top, left) = (block / (columns / merge) * merge, block % (columns / merge) * merge);
            for (var within = 0; within < merge * merge; within++, next += length)
            {
                Cut(picture, (top + (within / merge)) * patch, (left + (within % merge)) * patch, pixels.AsSpan(next, length));
            }
        }

        return new ProcessedImage
        {
            Pixels = pixels,
            Shape = [rows * columns, length],
            ChannelRun = frames * patch * patch,
            Grid = new ImageGrid(1, rows, columns),
        };
    }

    private void Cut(RgbPicture picture, int top, int left, Span<byte> row)
    {
        var frame = patch * patch;
        for (var channel = 0; channel < RgbPicture.Channels; channel++)
        {
            var first = row.Slice(channel * frames * frame, frame);
            for (var i = 0; i < frame; i++)
            {
                first[i] = picture.Pixels[((((top + (i / patch)) * picture.Width) + left + (i % patch)) * RgbPicture.Channels) + channel];
            }

            for (var copy = 1; copy < frames; copy++)
            {
                first.CopyTo(row[(((channel * frames) + copy) * frame)..]);
            }
        }
    }
}
