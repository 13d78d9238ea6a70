namespace JointFusion.Data;

/// <summary>Patches as <see cref="ItemBatch"/> has them: row by row over the picture; in each one plane a channel. [patches, 3 * patch * patch].</summary>
/// <param name="patch">Pixels a side; divides the picture's.</param>
internal sealed class RowPatchLayout(int patch) : IPixelLayout
{
    private int Length => RgbPicture.Channels * patch * patch;

    public IPixelTarget Begin(int width, int height) => width % patch == 0 && height % patch == 0
        ? new Patches(this, height / patch, width / patch)
        : throw new PictureShapeException($"{width} x {height} pixels cannot be cut into patches of {patch}");

    private void Put(Span<byte> pixels, int line, ReadOnlySpan<byte> samples)
    {
        for (var channel = 0; channel < RgbPicture.Channels; channel++)
        {
            var plane = pixels.Slice((channel * patch * patch) + (line * patch), patch);
            for (var x = 0; x < patch; x++)
            {
                plane[x] = samples[(x * RgbPicture.Channels) + channel];
            }
        }
    }

    private sealed class Patches(RowPatchLayout layout, int rows, int columns) : IPixelTarget
    {
        private readonly byte[] pixels = GC.AllocateUninitializedArray<byte>(rows * columns * layout.Length); // All of them are put.
        private readonly int side = layout.Side;

        public void Put(int y, ReadOnlySpan<byte> row)
        {
            for (var column = 0; column < columns; column++)
            {
                var index = (y / side * columns) + column;
                layout.Put(pixels.AsSpan(index * layout.Length, layout.Length), y % side, row.Slice(column * side * RgbPicture.Channels, side * RgbPicture.Channels));
            }
        }

        public ProcessedImage Done() => new()
        {
            Pixels = pixels,
            Shape = [rows * columns, layout.Length],
            ChannelRun = side * side,
            Grid = new ImageGrid(1, rows, columns),
        };
    }

    private int Side => patch;
}
