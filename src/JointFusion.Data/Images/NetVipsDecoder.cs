using NetVips;

namespace JointFusion.Data;

/// <summary>Decodes whatever libvips can: PNG, JPEG, WebP, GIF, SVG and more. Transparency becomes white, grey becomes RGB.</summary>
/// <remarks>The resizing is our own: on small pictures libvips' thumbnail costs three times the decoding.</remarks>
public sealed class NetVipsDecoder : IImageDecoder
{
    private const int Channels = 3;
    private static readonly double[] White = [255];

    /// <inheritdoc/>
    public byte[] Decode(string path, int size)
    {
        Vips.Prepare();
        try
        {
            // Read here: libvips keeps what it opens by name, and does not tell why a file cannot be opened.
            using var image = Image.NewFromBuffer(File.ReadAllBytes(path), access: Enums.Access.Sequential, failOn: Enums.FailOn.Truncated);
            if (IsPlain(image)) return Resize(image, size);

            using var converted = Convert(image);
            return Resize(converted, size);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or VipsException)
        {
            throw PictureFault.Of(path, error);
        }
    }

    private static byte[] Resize(Image image, int size)
    {
        // A region is computed on this thread. Writing the image to memory starts others, which costs more than decoding a small picture.
        using var region = Region.New(image);
        var resized = SquareResizer.Resize(region.Fetch(0, 0, image.Width, image.Height), image.Width, image.Height, image.Bands, size);
        return image.Bands == Channels ? resized : Spread(resized);
    }

    /// <summary>Whether its samples can be used as they are.</summary>
    private static bool IsPlain(Image image) => image.Format == Enums.BandFormat.Uchar
        && ((image.Interpretation == Enums.Interpretation.Bw && image.Bands == 1)
            || (image.Interpretation == Enums.Interpretation.Srgb && image.Bands == Channels));

    private static Image Convert(Image image)
    {
        using var colored = image.Colourspace(Enums.Interpretation.Srgb);
        using var opaque = colored.HasAlpha() ? colored.Flatten(background: White) : colored.Copy();
        using var bytes = opaque.Cast(Enums.BandFormat.Uchar);
        return bytes.ExtractBand(0, Channels);
    }

    private static byte[] Spread(byte[] gray)
    {
        var rgb = new byte[gray.Length * Channels];
        for (var i = 0; i < rgb.Length; i++)
        {
            rgb[i] = gray[i / Channels];
        }

        return rgb;
    }
}
