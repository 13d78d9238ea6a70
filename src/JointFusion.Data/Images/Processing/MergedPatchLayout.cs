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
    private int Length => RgbPicture.Channels * frames * patch * patch;

    private int Side => patch;

    public IPixelTarget Begin(int width, int height) => new Patches(this, height / patch, width / patch);

    /// <summary>Which row of the result a patch is.</summary>
    private int Index(int row, int column, int columns)
    {
        var block = (row / merge * (columns / merge)) + (column / merge);
        return (block * merge * merge) + (row % merge * merge) + (column % merge);
    }

    private ProcessedImage Image(byte[] pixels, int rows, int columns) => new()
    {
        Pixels = pixels,
        Shape = [rows * columns, Length],
        ChannelRun = frames * patch * patch,
        Grid = new ImageGrid(1, rows, columns),
    };

    private void Put(byte[] pixels, int index, int line, ReadOnlySpan<byte> samples)
    {
        for (var channel = 0; channel < RgbPicture.Channels; channel++)
        {
            var first = pixels.AsSpan((index * Length) + (channel * frames * patch * patch) + (line * patch), patch);
            for (var x = 0; x < patch; x++)
            {
                first[x] = samples[(x * RgbPicture.Channels) + channel];
            }

            for (var frame = 1; frame < frames; frame++)
            {
                first.CopyTo(pixels.AsSpan((index * Length) + (((channel * frames) + frame) * patch * patch) + (line * patch)));
            }
        }
    }

    private sealed class Patches(MergedPatchLayout layout, int rows, int columns) : IPixelTarget
    {
        private readonly byte[] pixels = GC.AllocateUninitializedArray<byte>(rows * columns * layout.Length); // All of them are put.
        private readonly int side = layout.Side;

        public void Put(int y, ReadOnlySpan<byte> row)
        {
            for (var column = 0; column < columns; column++)
            {
                var samples = row.Slice(column * side * RgbPicture.Channels, side * RgbPicture.Channels);
                layout.Put(pixels, layout.Index(y / side, column, columns), y % side, samples);
            }
        }

        public ProcessedImage Done() => layout.Image(pixels, rows, columns);
    }
}
