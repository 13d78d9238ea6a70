using JointFusion.Experiments;
using NetVips;

namespace JointFusion.Data;

/// <summary>A picture file whose header is read, and whose rows are decoded as they are asked for, into RGB as PIL's <c>convert("RGB")</c> gives it.</summary>
/// <remarks>
/// So transparency is dropped, not blended: what a transparent pixel's colour is shows. Grey is repeated, palettes are looked up, of 16-bit
/// samples the upper eight count, and CMYK is taken without a colour profile. A camera's orientation tag is not followed, as transformers does not.
/// </remarks>
internal sealed class PictureFile : IPicture
{
    private const int MaximumShrink = 8;

    /// <summary>Bytes decoded at a time: they stay in the processor's cache until they are used.</summary>
    private const int StripBytes = 3 << 14;
    private readonly string path;
    private readonly Image image;
    private readonly Image plain;
    private readonly RegionRows rows;

    private PictureFile(string path, Image image, (double Width, double Height) extent)
    {
        (this.path, this.image, Extent) = (path, image, extent);
        plain = RgbPixels.InBytes(image);
        rows = new RegionRows(plain);
    }

    public int Width => plain.Width;

    public int Height => plain.Height;

    public (double Width, double Height) Extent { get; }

    /// <exception cref="DataException">The file is missing, or is no picture that can be read.</exception>
    public static IPicture Open(string path, Func<int, int, ResizeGoal> sizing, ImageMode mode, out ResizeGoal goal)
    {
        Vips.Prepare();
        try
        {
            var bytes = File.ReadAllBytes(path);
            if (JpegHeader.Size(bytes) is var (width, height))
            {
                goal = sizing(width, height);
                var shrink = mode == ImageMode.Fast ? ShrinkFor(width, height, goal) : 1;
                if (shrink > 1 && ReducedJpeg.Open(path, bytes, shrink) is { } reduced) return reduced;
                // By its name: to look for the loader takes longer than to read the header.
                var jpeg = Image.JpegloadBuffer(bytes, shrink: shrink, access: Enums.Access.Sequential, failOn: Enums.FailOn.Truncated);
                return new PictureFile(path, jpeg, ((double)width / shrink, (double)height / shrink));
            }

            var image = Image.NewFromBuffer(bytes, access: Enums.Access.Sequential, failOn: Enums.FailOn.Truncated);
            goal = sizing(image.Width, image.Height);
            return new PictureFile(path, image, (image.Width, image.Height));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or VipsException)
        {
            throw PictureFault.Of(path, error);
        }
    }

    /// <exception cref="DataException">The file is torn.</exception>
    public ReadOnlySpan<byte> Read(int y)
    {
        try
        {
            var count = Math.Clamp(StripBytes / (Width * plain.Bands), 1, Height - y);
            return RgbPixels.Of(rows.Read(y, count), plain.Bands, plain.Interpretation);
        }
        catch (VipsException error)
        {
            throw PictureFault.Of(path, error);
        }
    }

    public void Dispose()
    {
        rows.Dispose();
        plain.Dispose();
        image.Dispose();
    }

    /// <summary>A half, a quarter or an eighth, where no side then has fewer than three quarters of the pixels asked for.</summary>
    private static int ShrinkFor(int width, int height, ResizeGoal goal)
    {
        var shrink = MaximumShrink;
        while (shrink > 1 && (4L * width < 3L * goal.Width * shrink || 4L * height < 3L * goal.Height * shrink))
        {
            shrink /= 2;
        }

        return shrink;
    }
}
