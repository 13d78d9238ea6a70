using NetVips;

namespace JointFusion.Data;

/// <summary>A picture file whose header is read, and that is decoded on demand, into RGB as PIL's <c>convert("RGB")</c> gives it.</summary>
/// <remarks>
/// So transparency is dropped, not blended: what a transparent pixel's colour is shows. Grey is repeated, palettes are looked up, of 16-bit
/// samples the upper eight count, and CMYK is taken without a colour profile. A camera's orientation tag is not followed, as transformers does not.
/// </remarks>
internal sealed class PictureFile : IDisposable
{
    private const int MaximumShrink = 8;
    private readonly string path;
    private readonly byte[] bytes;
    private readonly Image header;

    private PictureFile(string path, byte[] bytes, Image header) => (this.path, this.bytes, this.header) = (path, bytes, header);

    public int Width => header.Width;

    public int Height => header.Height;

    /// <exception cref="DataException">The file is missing, or is no picture that can be read.</exception>
    public static PictureFile Open(string path)
    {
        Vips.Prepare();
        try
        {
            var bytes = File.ReadAllBytes(path);
            return new PictureFile(path, bytes, Load(bytes, null));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or VipsException)
        {
            throw PictureFault.Of(path, error);
        }
    }

    /// <summary>Every pixel.</summary>
    /// <exception cref="DataException">The file is torn.</exception>
    public RgbPicture Decode() => Decode(header);

    /// <summary>A JPEG in a half, a quarter or an eighth of its size where no side then has fewer than three quarters of the pixels asked for.</summary>
    /// <exception cref="DataException">The file is torn.</exception>
    public RgbPicture DecodeNear(ResizeGoal goal)
    {
        var shrink = header.Get("vips-loader") is string loader && loader.StartsWith("jpeg", StringComparison.Ordinal) ? ShrinkFor(goal) : 1;
        if (shrink == 1) return Decode();
        using var smaller = Load(bytes, new VOption { { "shrink", shrink } });
        return Decode(smaller);
    }

    public void Dispose() => header.Dispose();

    private static Image Load(byte[] bytes, VOption? options) =>
        Image.NewFromBuffer(bytes, access: Enums.Access.Sequential, failOn: Enums.FailOn.Truncated, kwargs: options);

    private int ShrinkFor(ResizeGoal goal)
    {
        var shrink = MaximumShrink;
        while (shrink > 1 && (4L * Width < 3L * goal.Width * shrink || 4L * Height < 3L * goal.Height * shrink))
        {
            shrink /= 2;
        }

        return shrink;
    }

    private RgbPicture Decode(Image image)
    {
        try
        {
            var plain = RgbPixels.InBytes(image);
            using var converted = ReferenceEquals(plain, image) ? null : plain;
            // A region is computed on this thread. Writing the image to memory starts others, which costs more than decoding a small picture.
            using var region = Region.New(plain);
            return new RgbPicture(RgbPixels.Of(region.Fetch(0, 0, plain.Width, plain.Height), plain.Bands, plain.Interpretation), plain.Width, plain.Height);
        }
        catch (VipsException error)
        {
            throw PictureFault.Of(path, error);
        }
    }
}
