namespace JointFusion.Data;

/// <summary>A JPEG file decoded to a half, a quarter or an eighth of its size, row by row.</summary>
/// <remarks>
/// Of each block only the frequencies that such a picture can have are transformed, and chroma that was stored smaller comes out at the same size, so
/// that nothing is enlarged. libvips does much the same, but sets up as long for a small picture as it decodes.
/// </remarks>
internal sealed class ReducedJpeg : IPicture
{
    private const int Side = 8;
    private readonly string path;
    private readonly JpegFrame frame;
    private readonly JpegBits bits;
    private readonly int unitsAcross, unitHeight;
    private readonly ReducedBlock[] transforms;
    private readonly (int Width, int Height)[] sides;
    private readonly float[][] planes;
    private readonly int[] strides;
    private readonly int[] means;
    private readonly float[] block = new float[JpegFrame.BlockSize];
    private readonly byte[] rgb;
    private int units, strip;

    /// <param name="shrink">2, 4 or 8.</param>
    private ReducedJpeg(string path, byte[] bytes, JpegFrame frame, int shrink)
    {
        (this.path, this.frame, bits) = (path, frame, new JpegBits(bytes, frame.Start));
        (Width, Height) = ((frame.Width + shrink - 1) / shrink, (frame.Height + shrink - 1) / shrink);
        Extent = ((double)frame.Width / shrink, (double)frame.Height / shrink);
        unitsAcross = (frame.Width + (Side * frame.Across) - 1) / (Side * frame.Across);
        unitHeight = Side / shrink * frame.Down;
        sides = [.. frame.Components.Select(component => (Side / shrink * frame.Across / component.Across, Side / shrink * frame.Down / component.Down))];
        transforms = [.. sides.Select(side => new ReducedBlock(side.Width, side.Height))];
        // A block's rows are written 8 wide, and pixels are made 16 at a time.
        strides = [.. sides.Select((side, i) => (unitsAcross * frame.Components[i].Across * side.Width) + YccPixels.Unit)];
        planes = [.. strides.Select(stride => new float[stride * unitHeight])];
        means = new int[frame.Components.Length];
        rgb = new byte[((Width * unitHeight) + YccPixels.Unit) * RgbPicture.Channels];
        strip = -1;
    }

    public int Width { get; }

    public int Height { get; }

    public (double Width, double Height) Extent { get; }

    /// <returns>Null: the file is of a kind that is not known here.</returns>
    public static ReducedJpeg? Open(string path, byte[] bytes, int shrink) => JpegFrame.Read(bytes) is { } frame ? new ReducedJpeg(path, bytes, frame, shrink) : null;

    public ReadOnlySpan<byte> Read(int y)
    {
        try
        {
            while (strip < y / unitHeight)
            {
                Decode();
            }
        }
        catch (InvalidDataException error)
        {
            throw PictureFault.Of(path, error);
        }

        var rows = Math.Min(unitHeight, Height - (strip * unitHeight));
        return rgb.AsSpan(0, rows * Width * RgbPicture.Channels)[((y - (strip * unitHeight)) * Width * RgbPicture.Channels)..];
    }

    public void Dispose()
    {
        // It holds memory alone.
    }

    /// <summary>The next row of units.</summary>
    private void Decode()
    {
        for (var unit = 0; unit < unitsAcross; unit++, units++)
        {
            if (frame.RestartInterval > 0 && units > 0 && units % frame.RestartInterval == 0)
            {
                bits.Restart();
                Array.Clear(means);
            }

            for (var i = 0; i < planes.Length; i++)
            {
                DecodeBlocks(i, unit);
            }
        }

        if (bits.IsTorn) throw new InvalidDataException("it ends before its last row");
        strip++;
        for (var y = 0; y < unitHeight; y++)
        {
            YccPixels.Put(Row(0, y), Row(1, y), Row(2, y), Width, rgb.AsSpan(y * Width * RgbPicture.Channels));
        }
    }

    /// <summary>Empty where a grey picture has no such plane.</summary>
    private ReadOnlySpan<float> Row(int plane, int y) => plane < planes.Length ? planes[plane].AsSpan(y * strides[plane]) : [];

    /// <summary>One component's blocks of a unit; what a row writes too far to the right is written over by the next.</summary>
    private void DecodeBlocks(int i, int unit)
    {
        var (component, side) = (frame.Components[i], sides[i]);
        for (var row = 0; row < component.Down; row++)
        {
            for (var column = 0; column < component.Across; column++)
            {
                var last = bits.Read(component, ref means[i], block);
                var at = (row * side.Height * strides[i]) + (((unit * component.Across) + column) * side.Width);
                transforms[i].Put(block, last, planes[i].AsSpan(at), strides[i]);
            }
        }
    }
}
